"""The installation's signing keys, and the keys whose signatures it accepts."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from governance.ledger import notes, statements
from governance.ledger.models import LedgerStatement
from governance.ledger.statements import Standing
from governance.ledger.types import DamagedLedgerError
from orchestra.core.clock import rfc3339
from orchestra.core.together import Reading, answer, read

#: What the second line of a signed pack says.
PACK = "orchestra evidence-pack v1"

_SEED_BYTES = 32


def first_origin() -> str:
    """Return the name of this ledger in its first epoch, as the settings say it."""
    return str(settings.ORCHESTRA["LEDGER_ORIGIN"])


def log_origin() -> str:
    """Return the name of this ledger now, which is also the name of its key."""
    return current_standing().origin


def current_standing() -> Standing:
    """Return which keys and epochs stand. One query.

    Raises:
        DamagedLedgerError: What was stated does not lead to a key that is at hand.
        ImproperlyConfigured: A private key is no Ed25519 seed in hex.
    """
    return answer(reading_standing())


def reading_standing() -> Reading[Standing]:
    """Come to which keys and epochs stand, as ``current_standing`` returns it."""
    origin = first_origin()
    present = [notes.log_key(name=origin, seed=seed) for seed in seeds()]
    stated = yield from read(LedgerStatement.objects.order_by("id").values_list("note", flat=True))
    try:
        standing = statements.stand(present=present, origin=origin, statements=stated)
    except notes.NoteError as error:
        raise DamagedLedgerError(
            f"The ledger's keys do not stand: {error}. Give this process the key in force, "
            "in ORCHESTRA_LEDGER_KEY or ORCHESTRA_LEDGER_NEXT_KEY.",
            code="ledger.key_unknown",
        ) from error
    earlier = getattr(settings, "LEDGER_EARLIER_VKEYS", ())
    extra = tuple(notes.parse_vkey(text) for text in earlier)
    return Standing(spans=standing.spans, epochs=standing.epochs, extra=extra)


def sign_checkpoint(*, size: int, root: bytes, now: datetime) -> str:
    """Return the signed note of a checkpoint; while keys change over, with both lines.

    Args:
        size: Entries under it.
        root: Root over them.
        now: When it is signed, UTC.

    Raises:
        DamagedLedgerError: The key in force is not at hand.
        ImproperlyConfigured: A private key is no Ed25519 seed in hex.
    """
    standing = current_standing()
    text = notes.TreeHead(origin=standing.origin, size=size, root=root).text()
    return _sign(text, standing, now)


def sign_pack(*, digest: str, now: datetime) -> str:
    """Return the signed note by which a pack of evidence is recognised as this ledger's.

    Its second line is no number, so it is never taken for a checkpoint.

    Args:
        digest: Lower-case hex SHA-256 of the pack's manifest.
        now: When it is signed, UTC.

    Raises:
        DamagedLedgerError: The key in force is not at hand.
        ImproperlyConfigured: A private key is no Ed25519 seed in hex.
    """
    standing = current_standing()
    return _sign(f"{standing.origin}\n{PACK}\n{digest}\n", standing, now)


def published_key() -> notes.VerifierKey:
    """Return the public key in force, by which anyone checks this ledger's checkpoints."""
    return answer(reading_published_key())


def reading_published_key() -> Reading[notes.VerifierKey]:
    """Come to the public key in force, as ``published_key`` returns it."""
    return (yield from reading_standing()).key


def seeds() -> list[bytes]:
    """Return the private keys at hand: the one in the settings, then the one to come.

    Raises:
        ImproperlyConfigured: One is no Ed25519 seed in hex.
    """
    texts = [settings.LEDGER_SIGNING_KEY, getattr(settings, "LEDGER_NEXT_KEY", "")]
    return [_seed(text) for text in dict.fromkeys(texts) if text or text == texts[0]]


def _sign(text: str, standing: Standing, now: datetime) -> str:
    """Sign by the key in force, and by the one before it while keys change over."""
    signers = [standing.key]
    if len(standing.spans) > 1:
        before = standing.spans[-2]
        if before.both_until and rfc3339(now) < before.both_until:
            signers.append(before.key)
    note = ""
    for key in signers:
        seed = _seed_of(key)
        if seed is not None:
            signed = notes.sign_note(text=text, name=key.name, seed=seed)
            note += signed if not note else signed.removeprefix(f"{text}\n")
    return note


def _seed_of(key: notes.VerifierKey) -> bytes | None:
    held = (seed for seed in seeds() if notes.log_key(name=key.name, seed=seed) == key)
    return next(held, None)


def _seed(text: str) -> bytes:
    try:
        seed = bytes.fromhex(text)
    except ValueError as error:
        raise ImproperlyConfigured("the ledger's signing key is 64 hex digits") from error
    if len(seed) != _SEED_BYTES:
        raise ImproperlyConfigured("the ledger's signing key is 64 hex digits")
    return seed
