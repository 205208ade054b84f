"""Change the key that signs checkpoints, by a statement that both keys sign."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from governance.ledger import notes, selectors, statements
from governance.ledger.entries import KEY_ROTATED, SYSTEM_STREAM
from governance.ledger.models import LedgerStatement
from governance.ledger.services.appending import append_entry
from governance.ledger.services.guarding import refuse_departure, refuse_strange_key
from governance.ledger.services.outside import append_outside
from governance.ledger.services.sequencing import take_turn
from governance.ledger.services.signing import current_standing, seeds
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError, InvalidInputError

MOST_OVERLAP_DAYS = 366
MOST_REASON = 500


def rotate_key(
    *, actor: Actor, now: datetime, reason: str, overlap_days: int
) -> statements.Rotation:
    """Let the next key at hand take over from the key in force.

    From the next checkpoint on the new key signs; for the overlap the old one signs too, so
    whoever holds only its verifier key has time to take the new one. A key that leaked is
    rotated with no overlap. Checkpoints up to now stay verifiable by the old key for ever.

    Args:
        actor: Who changes it.
        now: When, UTC.
        reason: Why, in 1 to 500 characters.
        overlap_days: How long both sign, 0 to 366 days.

    Returns:
        What was stated.

    Raises:
        InvalidInputError: The reason is missing or the overlap too long.
        ConflictError: No other key is at hand, or the present key has signed nothing yet.
        DamagedLedgerError: The ledger does not continue what was signed.
    """
    reason = check_reason(reason)
    if not 0 <= overlap_days <= MOST_OVERLAP_DAYS:
        raise InvalidInputError(_("Both keys sign for 0 to 366 days."))
    with transaction.atomic():
        take_turn(wait=True)
        last = selectors.latest_checkpoint()
        refuse_departure(last=last, size=selectors.tree_size())
        refuse_strange_key(last=last)
        standing = current_standing()
        if last is None or last.size <= standing.spans[-1].after_size:
            raise ConflictError(_("The key in force has signed no checkpoint yet."))
        until = rfc3339(now + timedelta(days=overlap_days)) if overlap_days else statements.NEVER
        stated = statements.Rotation(
            origin=standing.origin,
            size=last.size,
            root=bytes.fromhex(last.root),
            old=standing.key,
            new=_next_key(standing),
            both_until=until,
        )
        note = statements.sign(statement=stated, seeds=seeds())
        LedgerStatement.objects.create(size=stated.size, note=note, at=now)
        payload = {
            "both_until": until,
            "new": stated.new.text(),
            "new_key_id": stated.new.key_id.hex(),
            "old": stated.old.text(),
            "old_key_id": stated.old.key_id.hex(),
            "reason": reason,
            "size": stated.size,
        }
        draft = EntryDraft(stream=SYSTEM_STREAM, kind=KEY_ROTATED, payload=payload)
        append_entry(actor=actor, now=now, draft=draft)
        transaction.on_commit(append_outside)
    return stated


def check_reason(reason: str) -> str:
    """Return a reason without spaces around it.

    Raises:
        InvalidInputError: It is empty or longer than 500 characters.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= MOST_REASON:
        raise InvalidInputError(_("Say why, in 1 to 500 characters."))
    return reason


def _next_key(standing: statements.Standing) -> notes.VerifierKey:
    used = {span.key.public_key for span in standing.spans}
    for seed in seeds():
        key = notes.log_key(name=standing.origin, seed=seed)
        if key.public_key not in used:
            return key
    raise ConflictError(
        _(
            "No new key is at hand. Make one by manage.py ledger new-key, give it to every process "
            "as ORCHESTRA_LEDGER_NEXT_KEY, and start them again."
        )
    )
