"""Secrets that a worker has to use, encrypted in the database by a key that is not in it.

The key follows from Django's secret key, so a copy of the database alone (a dump, a backup, a
replica) gives no secret away. Whoever holds the environment of the application as well can
open them: that is what a worker does.
"""

import os
from collections.abc import Iterator
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from orchestra.core.errors import OrchestraError

_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32
_PURPOSE: Final = b"orchestra.sealed.v1"


class SealBrokenError(OrchestraError):
    """A sealed secret cannot be opened: another key, another place, or altered bytes."""

    code = "sealed.unreadable"


def seal(secret: bytes, *, place: str) -> bytes:
    """Return a secret encrypted for one place, such as ``webhook:<uuid>``.

    Args:
        secret: What nobody reads in the database.
        place: Where it belongs; it opens there alone.
    """
    nonce = os.urandom(_NONCE_BYTES)
    box = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, secret, place.encode())
    return _VERSION + nonce + box


def unseal(sealed: bytes, *, place: str) -> bytes:
    """Return the secret that was sealed for a place.

    A secret sealed under an earlier secret key opens while that key is a fallback.

    Raises:
        SealBrokenError: It was sealed for another place or by another key, or was altered.
    """
    nonce, box = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    for text in _texts() if sealed[:1] == _VERSION else ():
        try:
            return AESGCM(_key(text)).decrypt(nonce, box, place.encode())
        except InvalidTag:
            continue
    raise SealBrokenError(
        "A secret kept here cannot be opened by this installation; make a new one."
    )


def _texts() -> Iterator[str]:
    yield settings.SECRET_KEY
    yield from map(str, settings.SECRET_KEY_FALLBACKS)


@cache
def _key(text: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_PURPOSE).derive(
        text.encode()
    )
