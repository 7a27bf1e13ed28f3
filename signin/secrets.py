"""Enciphers what must be read again, such as the secret of one-time codes, with SECRET_KEY."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def encipher(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


def decipher(text: str) -> str:
    """Raises cryptography.fernet.InvalidToken when SECRET_KEY is another one than then."""
    return _keys().decrypt(text.encode()).decode()


def _keys() -> MultiFernet:
    """The first enciphers; those that came before it still decipher."""
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(_derived(secret)))
        for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    )


def _derived(secret) -> bytes:
    return salted_hmac("signin.secrets", "", secret=secret, algorithm="sha256").digest()
