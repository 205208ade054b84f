"""The installation's signing key and the keys whose signatures it accepts."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from governance.ledger import notes


def log_origin() -> str:
    """Return the name of this ledger, which is also the name of its key."""
    return str(settings.ORCHESTRA["LEDGER_ORIGIN"])


def sign_checkpoint(*, size: int, root: bytes) -> str:
    """Return the signed note of a checkpoint.

    Raises:
        ImproperlyConfigured: The private key is no Ed25519 seed in hex.
    """
    head = notes.TreeHead(origin=log_origin(), size=size, root=root)
    return notes.sign_note(text=head.text(), name=log_origin(), seed=_seed())


def published_key() -> notes.VerifierKey:
    """Return the public key by which anyone checks this ledger's checkpoints."""
    return notes.log_key(name=log_origin(), seed=_seed())


def accepted_keys() -> list[notes.VerifierKey]:
    """Return the present key and, after a rotation, the earlier ones named in the settings."""
    earlier = getattr(settings, "LEDGER_EARLIER_VKEYS", ())
    return [published_key(), *(notes.parse_vkey(text) for text in earlier)]


def _seed() -> bytes:
    try:
        seed = bytes.fromhex(settings.LEDGER_SIGNING_KEY)
    except ValueError as error:
        raise ImproperlyConfigured("the ledger's signing key is 64 hex digits") from error
    if len(seed) != 32:  # noqa: PLR2004  the length of an Ed25519 seed
        raise ImproperlyConfigured("the ledger's signing key is 64 hex digits")
    return seed
