"""The shape of an agent's token, and its digest; only ``new_token`` is random."""

import hashlib
import re
import secrets
import string

PREFIX_LENGTH = 8
_SECRET_BYTES = 32
_ALPHABET = string.ascii_lowercase + string.digits
_SHAPE = re.compile(r"orc_([a-z0-9]{8})_[A-Za-z0-9_-]{43}", re.ASCII)


def new_token() -> tuple[str, str]:
    """Return a new prefix and its token ``orc_<prefix>_<secret>`` with 256 random bits."""
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(PREFIX_LENGTH))
    return prefix, f"orc_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"


def find_prefix(token: str) -> str | None:
    """Return the eight characters that name a token, or None if it is not shaped like one."""
    match = _SHAPE.fullmatch(token)
    return match.group(1) if match else None


def hash_token(token: str) -> str:
    """Return what is stored of a token: lower-case hex SHA-256 of the whole of it.

    A plain hash is enough because the secret is random, not chosen by a person.
    """
    return hashlib.sha256(token.encode()).hexdigest()
