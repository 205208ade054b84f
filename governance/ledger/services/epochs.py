"""Go on after entries were lost for good: an operator's own act, under another name."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.ledger import notes, selectors, statements
from governance.ledger.entries import EPOCH_BEGUN, SYSTEM_STREAM
from governance.ledger.models import Checkpoint, LedgerStatement
from governance.ledger.services.appending import append_entry
from governance.ledger.services.guarding import CONTRADICTS_OUTSIDE, continues, refuse_departure
from governance.ledger.services.outside import append_outside, outside_path, read_outside
from governance.ledger.services.rotating import check_reason
from governance.ledger.services.sequencing import take_turn
from governance.ledger.services.signing import current_standing, first_origin, seeds
from governance.ledger.types import DamagedLedgerError, EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError


def begin_epoch(
    *, actor: Actor, now: datetime, size: int, root: str, reason: str
) -> statements.Epoch:
    """State that what a checkpoint outside the database counts is lost, and go on.

    The ledger takes another name, so that no two checkpoints of one name contradict each
    other. The checkpoints of the earlier name stay where they are and stay verifiable as far
    as the ledger continues them. A database that contradicts itself begins no epoch.

    Args:
        actor: Who takes it on themselves.
        now: When, UTC.
        size: Size of the checkpoint that is contradicted, as the refusal names it.
        root: Its root in lower-case hex.
        reason: Why it is lost, in 1 to 500 characters.

    Returns:
        What was stated.

    Raises:
        InvalidInputError: The reason is missing.
        ConflictError: The ledger contradicts no such checkpoint.
        DamagedLedgerError: The database contradicts itself.
    """
    reason = check_reason(reason)
    with transaction.atomic():
        take_turn(wait=True)
        have = selectors.tree_size()
        _require_contradiction(have, size, root)
        standing = current_standing()
        kept = list(_heads_outside())
        number = 1 + max([1, *(_number(head.origin) for head in kept), *_known_numbers(standing)])
        origin = f"{first_origin()}/epoch-{number}"
        stated = statements.Epoch(
            origin=origin,
            number=number,
            size=have,
            root=selectors.root_at(size=have),
            old=standing.key,
            new=statements.named(standing.key, origin),
            agreed_size=_agreed(have, kept, standing.origin),
            lost_size=size,
            lost_root=bytes.fromhex(root),
        )
        note = statements.sign(statement=stated, seeds=seeds())
        LedgerStatement.objects.create(size=have, note=note, at=now)
        payload = {
            "agreed_size": stated.agreed_size,
            "lost_root": root,
            "lost_size": size,
            "number": number,
            "origin": origin,
            "reason": reason,
            "size": have,
        }
        draft = EntryDraft(stream=SYSTEM_STREAM, kind=EPOCH_BEGUN, payload=payload)
        append_entry(actor=actor, now=now, draft=draft)
        transaction.on_commit(append_outside)
    return stated


def _require_contradiction(have: int, size: int, root: str) -> None:
    try:
        refuse_departure(last=selectors.latest_checkpoint(), size=have)
    except DamagedLedgerError as error:
        if error.error_code != CONTRADICTS_OUTSIDE:
            raise
        if (error.data["checkpoint"], error.data["root"]) == (size, root):
            return
        raise ConflictError(
            _("The checkpoint that is contradicted has %(size)s entries and root %(root)s.")
            % {"size": error.data["checkpoint"], "root": error.data["root"]}
        ) from error
    raise ConflictError(_("The ledger continues all that was signed; no epoch is needed."))


def _heads_outside() -> Iterator[notes.TreeHead]:
    path = outside_path()
    if path is None:
        return
    kept, _torn = read_outside(path)
    for note in kept:
        try:
            text = statements.text_of(note)
            if statements.is_statement(note):
                yield statements.head_of(statements.parse(text))
            else:
                yield notes.parse_checkpoint(text)
        except notes.NoteError:
            continue


def _agreed(have: int, kept: list[notes.TreeHead], origin: str) -> int:
    """Return the largest size signed under the present name that the ledger continues.

    What continues a checkpoint continues every smaller one, so a few are looked at.
    """
    stated = dict(Checkpoint.objects.values_list("size", "root"))
    stated |= {head.size: head.root.hex() for head in kept if head.origin == origin}
    sizes = sorted(size for size in stated if 0 < size <= have)
    low, high = 0, len(sizes)
    while low < high:
        middle = (low + high) // 2
        if continues(size=have, stated=sizes[middle], root=stated[sizes[middle]]):
            low = middle + 1
        else:
            high = middle
    return sizes[low - 1] if low else 0


def _known_numbers(standing: statements.Standing) -> list[int]:
    return [epoch.number for epoch in standing.epochs]


def _number(origin: str) -> int:
    digits = origin.rpartition("/epoch-")[2]
    return int(digits) if digits.isascii() and digits.isdigit() else 1
