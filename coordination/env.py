"""Reads the environment. Every variable is named in .env.example; nonsense stops the start."""

import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def data_dir(default: Path) -> Path:
    """The folder that holds all the data of the embedded mode, made with mode 0700.

    Raises ImproperlyConfigured when it cannot be made.
    """
    folder = Path(env.str("DATA_DIR", default=str(default))).resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR {folder} cannot be used: {error.strerror}") from error
    return folder


def secret_key(folder: Path, *, embedded: bool) -> str:
    """SECRET_KEY, or in the embedded mode a key made once and kept in the data folder (0600).

    Raises ImproperlyConfigured outside the embedded mode: there is no default secret.
    """
    given = env.str("SECRET_KEY", default="")
    if given:
        return given
    if not embedded:
        raise ImproperlyConfigured("SECRET_KEY must be set when DATABASE_URL is set.")
    keyfile = folder / "secret_key"
    try:
        if not keyfile.exists():
            keyfile.touch(mode=0o600)
            keyfile.write_text(secrets.token_urlsafe(64))
        return keyfile.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"{keyfile} cannot be used: {error.strerror}") from error
