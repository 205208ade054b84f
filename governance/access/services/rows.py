"""Write and remove the rows that give authority: shared by the services of access."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from governance.access import entries
from governance.access.holding import live
from governance.access.models import AgentQueueGrant, User
from governance.access.registry import tell_lost
from governance.access.services import naming
from governance.access.types import Lost, LostBy
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.history import acting, save_as
from orchestra.core.locking import compare_and_set, lock

REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms something is given.

    Attributes:
        reason: Why, in words that a reviewer understands later.
        until_at: When it ends by itself; None for until it is taken.
    """

    reason: str
    until_at: datetime | None = None


def check_terms(terms: Terms, *, now: datetime) -> None:
    """Refuse to give without a reason, or until a moment that has passed.

    Raises:
        InvalidInputError: With every error at once.
    """
    errors = find_errors(terms, now=now)
    if errors:
        raise InvalidInputError(_("Nothing was given; see the errors."), errors=errors)


def find_errors(terms: Terms, *, now: datetime) -> list[FieldError]:
    """Return what is wrong with the terms, all at once."""
    errors = []
    if not terms.reason.strip():
        errors.append(FieldError("reason", "required", _("Say why.")))
    if terms.until_at is not None and terms.until_at <= now:
        errors.append(FieldError("until_at", "range", _("It has to end in the future.")))
    return errors


def give(
    *,
    actor: Actor,
    now: datetime,
    rows: "QuerySet[Any]",
    key: Mapping[str, Any],
    terms: Terms,
) -> bool:
    """Write one grant; one that has ended makes room, one that stands gets another end.

    What stands with the same end stays as it is.

    Args:
        actor: Who gives.
        now: The moment of the act.
        rows: The rows that would be the same grant: one at most.
        key: Who gets what, as columns.
        terms: Why, and until when.

    Returns:
        Whether anything changed.
    """
    present = rows.first()
    if present is not None:
        if rows.filter(live()).exists():
            return _change_end(actor, now, present, terms)
        remove(actor=naming.ACCESS, now=now, row=present, kind=naming.ended_kind(present))
    made = make(actor=actor, now=now, model=rows.model, key=key, terms=terms)
    record(actor=actor, now=now, row=made, kind=naming.given_kind(made), reason=made.reason)
    return True


def make(*, actor: Actor, now: datetime, model: Any, key: Mapping[str, Any], terms: Terms) -> Any:
    """Write the row of a grant and its history row; the entry is the caller's."""
    made = model(**key, since_at=now, **_columns(actor, terms))
    save_as(made, actor=actor, reason=made.reason)
    return made


def _columns(actor: Actor, terms: Terms) -> dict[str, Any]:
    return {
        "reason": terms.reason.strip()[:REASON_LENGTH],
        "given_by_kind": str(actor.kind),
        "given_by_id": actor.id,
        "given_by": actor.label[:200],
        "until_at": terms.until_at,
    }


def _change_end(actor: Actor, now: datetime, row: Any, terms: Terms) -> bool:
    before = row.until_at
    if before == terms.until_at:
        return False
    changes = _columns(actor, terms)
    compare_and_set(
        row, expected={"until_at": before}, changes=changes, actor=actor, reason=terms.reason
    )
    record(
        actor=actor,
        now=now,
        row=row,
        kind=entries.GRANT_END_CHANGED,
        reason=changes["reason"],
        before=rfc3339(before) if before else None,
    )
    return True


def take(*, actor: Actor, now: datetime, rows: "QuerySet[Any]", reason: str = "") -> bool:
    """Remove one grant and tell the rooms above who holds less.

    The row itself is the lock, so that nothing waits for a queue whose cases are at work.

    Returns:
        Whether it was held.
    """
    found = lock(rows)
    if not found:
        return False
    (row,) = found
    remove(actor=actor, now=now, row=row, kind=naming.taken_kind(row), reason=reason)
    tell_lost(actor=actor, now=now, what=loss_of(row, by=LostBy.TAKEN, reason=reason))
    return True


def remove(*, actor: Actor, now: datetime, row: Any, kind: str, reason: str = "") -> None:
    """Delete one grant with its history row and its entry."""
    record(actor=actor, now=now, row=row, kind=kind, reason=reason)
    row._change_reason = reason or None  # noqa: SLF001  simple-history's documented attribute
    with acting(actor):
        row.delete()


def record(
    *, actor: Actor, now: datetime, row: Model, kind: str, reason: str = "", **more: object
) -> None:
    """Append the entry about one grant."""
    named = naming.name_of(row)
    until_at: datetime | None = getattr(row, "until_at", None)
    ledger.append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=named.stream,
            kind=kind,
            payload={
                **named.payload,
                "reason": reason,
                "until_at": rfc3339(until_at) if until_at else None,
                **more,
            },
            subject_kind=named.subject_kind,
            subject_id=named.subject_id,
        ),
    )


def loss_of(row: Any, *, by: LostBy, reason: str = "") -> Lost:
    """Return who holds less without one grant."""
    if isinstance(row, AgentQueueGrant):
        agent = row.agent
        return Lost(by=by, agent=str(agent.public_id), label=agent.name, reason=reason)
    if hasattr(row, "user_id"):
        people = [row.user]
    else:
        people = list(User.objects.filter(role_holdings__group_id=row.group_id))
    return Lost(
        by=by,
        people=frozenset(str(person.public_id) for person in people),
        label=naming.name_of(row).holder,
        reason=reason,
    )
