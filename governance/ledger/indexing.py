"""The keyed digests that stand for words in the index, so that no text stands there."""

import hmac
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.utils.crypto import salted_hmac

from governance.ledger.facets import split_words

_SALT = "orchestra.ledger.words"
_DIGEST_BYTES = 8


def word_digests(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return each word's digests under the key in use and those that went before it.

    Args:
        words: Words of a search; spelt as the index spells them.
    """
    keys = [_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return {
        word: tuple(_digest(key, word) for key in keys)
        for text in words
        for word in split_words(text)
    }


def index_digests(words: Iterable[str]) -> list[int]:
    """Return the digests to keep of words, under the key in use."""
    key = _key(settings.SECRET_KEY)
    return [_digest(key, word) for word in words]


def key_id() -> str:
    """Return the name of the key in use, which tells nothing of it."""
    return hmac.digest(_key(settings.SECRET_KEY), b"", "sha256").hex()[:16]


@lru_cache(maxsize=8)
def _key(secret: str) -> bytes:
    return salted_hmac(_SALT, "key", secret=secret, algorithm="sha256").digest()


def _digest(key: bytes, word: str) -> int:
    found = hmac.digest(key, word.encode(), "sha256")[:_DIGEST_BYTES]
    return int.from_bytes(found, "big", signed=True)
