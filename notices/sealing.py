"""Secrets at rest: sealed by a key that is derived from SECRET_KEY and stored nowhere.

After a change of SECRET_KEY, put the old one into SECRET_KEY_FALLBACKS: what it sealed can still be read.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """The secret was sealed by a key that is known no more; it has to be entered anew."""


def seal(secret: str) -> bytes:
    """`secret` as it may be stored; "" becomes b""."""
    return _keys().encrypt(secret.encode()) if secret else b""


def unseal(sealed: bytes | memoryview) -> str:
    """The secret itself. Raises Unreadable."""
    if not sealed:
        return ""
    try:
        return _keys().decrypt(bytes(sealed)).decode()
    except InvalidToken:
        raise Unreadable from None


def _keys() -> MultiFernet:
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"notices.sealing").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
