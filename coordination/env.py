"""Reads the environment. Every variable is named in .env.example; nonsense stops the start."""

import hashlib
import os
import secrets
import tempfile
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
# The kernel takes 107 bytes on Linux, 103 on macOS.
LONGEST_SOCKET_PATH = 100


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


def database(variable: str) -> dict:
    """Django's settings for the PostgreSQL the variable names, with a pool in each process.

    A connection is tested before it is lent, so a restarted server costs no request.
    Raises ImproperlyConfigured for any other database.
    """
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            settings = env.db_url(variable)
    except (ValueError, ImproperlyConfigured):
        # What it could not read may be the password.
        raise ImproperlyConfigured(f"{variable} is not an address of a database.") from None
    if settings.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{variable} must name a PostgreSQL: postgres://…")
    pool = {"min_size": 1, "max_size": 8}
    settings["OPTIONS"] = {**settings.get("OPTIONS", {}), "pool": pool}
    settings["CONN_HEALTH_CHECKS"] = True
    return settings


def broker_socket(folder: Path) -> Path:
    """Where the bundled broker listens: in the data folder, or, when that path is longer than a
    socket's may be, in a private folder under the temporary one, always the same for these data.
    """
    near = folder / "broker.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
        return near
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"coordination-{os.getuid()}-{name}" / "broker.sock"


def openid_connect() -> dict:
    """django-allauth's settings for the company's identity provider; {} while there is none.

    Raises ImproperlyConfigured when it is named by halves, or reached over a line that anybody
    can listen to.
    """
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")
    issuer, client, secret = (env.str(name, default="") for name in names)
    if not issuer:
        return {}
    if not (client and secret):
        raise ImproperlyConfigured("OIDC_ISSUER needs OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.")
    address = urlsplit(issuer)
    if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1"):
        raise ImproperlyConfigured("OIDC_ISSUER must begin with https://")
    app = {
        "provider_id": "company",
        "name": env.str("OIDC_NAME", default="") or address.hostname,
        "client_id": client,
        "secret": secret,
        "settings": {"server_url": issuer, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app]}}


def directory(url: str) -> dict:
    """django-auth-ldap's settings for the directory at `url`.

    Raises ImproperlyConfigured without its packages, without a place to search in, or where
    passwords would cross the network in the clear.
    """
    try:
        import ldap
        from django_auth_ldap.config import LDAPSearch
    except ImportError as error:
        raise ImproperlyConfigured("LDAP_URL needs requirements-ldap.txt installed.") from error
    address, start_tls = urlsplit(url), env.bool("LDAP_START_TLS", default=False)
    near = address.hostname in ("localhost", "127.0.0.1")
    if address.scheme != "ldaps" and not start_tls and not near:
        raise ImproperlyConfigured("LDAP_URL must begin with ldaps://, or set LDAP_START_TLS=on.")
    base = env.str("LDAP_SEARCH_BASE", default="")
    if not base:
        raise ImproperlyConfigured("LDAP_URL needs LDAP_SEARCH_BASE.")
    wanted = env.str("LDAP_FILTER", default="(uid=%(user)s)")
    return {
        "AUTH_LDAP_SERVER_URI": url,
        "AUTH_LDAP_START_TLS": start_tls,
        "AUTH_LDAP_BIND_DN": env.str("LDAP_BIND_DN", default=""),
        "AUTH_LDAP_BIND_PASSWORD": env.str("LDAP_BIND_PASSWORD", default=""),
        "AUTH_LDAP_USER_SEARCH": LDAPSearch(base, ldap.SCOPE_SUBTREE, wanted),
        "AUTH_LDAP_ALWAYS_UPDATE_USER": False,
        "AUTH_LDAP_CONNECTION_OPTIONS": {
            ldap.OPT_NETWORK_TIMEOUT: 5,
            ldap.OPT_TIMEOUT: 5,
            ldap.OPT_REFERRALS: 0,
        },
    }
