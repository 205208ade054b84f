"""Resolve, close, reopen, move and hold a case."""

from collections.abc import Mapping
from datetime import datetime

from cases.memory import entries
from cases.memory.models import Case
from cases.memory.rules import status_after_reopening
from cases.memory.services.common import append, end_contacts, locked, require_reason, seal
from cases.memory.types import CaseAct, CaseStatus, Disposition
from governance.access.models import Queue, User
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.locking import compare_and_set


@one_act()
def resolve_case(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    outcome: str,
    confirmed: bool,
    disposition: Disposition | None = None,
    work: Mapping[str, object] | None = None,
) -> Case:
    """Say how a case ended.

    Args:
        actor: Who says so.
        now: When.
        case: The case.
        outcome: How it ended, in 1 to 300 characters.
        confirmed: Whether the customer confirmed it; False means it is assumed.
        disposition: What became of the matter, in a word that is counted; None where nobody said.
        work: What the wrap-up took, as figures for the record.

    Raises:
        ConflictError: The case is resolved or closed already.
    """
    outcome = require_reason(outcome, field="outcome", most=300)
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.RESOLVE)
    _change(
        actor,
        row,
        {
            "status": CaseStatus.RESOLVED,
            "resolved_at": now,
            "outcome": outcome,
            "outcome_confirmed": confirmed,
            "disposition": disposition or "",
        },
        reason="resolved",
    )
    end_contacts(case=row, now=now)
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.CASE_RESOLVED,
        payload={
            "outcome": outcome,
            "confirmed": confirmed,
            **({"disposition": str(disposition)} if disposition else {}),
            **(work or {}),
        },
    )
    return row


@one_act()
def close_case(*, actor: Actor, now: datetime, case: Case) -> Case:
    """Close a resolved case.

    Raises:
        ConflictError: The case is not resolved.
    """
    row = locked(actor=actor, case=case, capability=Capability.CASE_CLOSE, act=CaseAct.CLOSE)
    _change(actor, row, {"status": CaseStatus.CLOSED, "closed_at": now}, reason="closed")
    end_contacts(case=row, now=now)
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.CASE_CLOSED,
        payload={"outcome": row.outcome, "confirmed": row.outcome_confirmed},
    )
    seal(actor=actor, now=now, case=row)
    _close_absorbed(actor, row, now)
    return row


@one_act()
def reopen_case(*, actor: Actor, now: datetime, case: Case, reason: str) -> Case:
    """Open a resolved or closed case again.

    Raises:
        ConflictError: The case is open.
        InvalidInputError: The reason is missing.
    """
    reason = require_reason(reason)
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.REOPEN)
    reopen_locked(actor=actor, now=now, case=row, reason=reason)
    return row


def reopen_locked(
    *, actor: Actor, now: datetime, case: Case, reason: str, by_customer: bool = False
) -> None:
    """Open a locked case again, with its entry.

    Args:
        actor: Who opens it.
        now: When.
        case: The locked case.
        reason: Why.
        by_customer: Whether the customer came back, which counts as a recontact; a person who
            mends a note does not.
    """
    before = case.status
    _change(
        actor,
        case,
        {
            "status": status_after_reopening(has_holder=case.holder_id is not None),
            "resolved_at": None,
            "closed_at": None,
            "outcome": "",
            "outcome_confirmed": False,
        },
        reason=reason,
    )
    append(
        actor=actor,
        now=now,
        case=case,
        kind=entries.CASE_REOPENED,
        payload={"before": str(before), "reason": reason, "by_customer": by_customer},
    )
    if before == CaseStatus.CLOSED:
        _close_absorbed(actor, case, None)


def _close_absorbed(actor: Actor, survivor: Case, at: datetime | None) -> None:
    """Let what a case took in end with it: for how long it is kept, and whether it is erased."""
    for case in Case.objects.filter(merged_into=survivor).order_by("pk"):
        compare_and_set(
            case,
            expected={"status": CaseStatus.MERGED},
            changes={"closed_at": at},
            actor=actor,
            reason="with its survivor",
        )


@one_act()
def move_case(
    *, actor: Actor, now: datetime, case: Case, queue: Queue, reason: str = "routed by intent"
) -> Case:
    """Move a case to another queue; to its own queue nothing happens."""
    reason = require_reason(reason)
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.MOVE)
    if row.queue_id == queue.pk:
        return row
    before = row.queue
    compare_and_set(
        row,
        expected={"queue": before},
        changes={"queue": queue},
        actor=actor,
        reason=reason,
    )
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.CASE_MOVED,
        payload={
            "from_queue": before.title,
            "from_key": before.key,
            "queue": queue.title,
            "key": queue.key,
            "reason": reason,
        },
    )
    return row


@one_act()
def hold_case(*, actor: Actor, now: datetime, case: Case, user: User) -> Case:
    """Give a case to a person without a handoff."""
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.HOLD)
    assign_locked(actor=actor, case=row, user=user, reason="held")
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.CASE_HELD,
        payload={"holder": user.label},
        subject=("user", str(user.public_id)),
    )
    return row


def assign_locked(
    *, actor: Actor, case: Case, user: User | None, reason: str, queue: Queue | None = None
) -> None:
    """Set who holds a locked case, as a part of a larger act that appends the entry.

    Args:
        actor: Who acts.
        case: The locked case.
        user: Who holds it from now on; None gives it back to the queue and its AI agents.
        reason: Why, for the reader of the history.
        queue: Queue it stands in from now on; None leaves it.
    """
    status = CaseStatus.OPEN if user is None else CaseStatus.HANDED_OFF
    _change(
        actor,
        case,
        {"holder": user, "status": status, "queue": queue or case.queue},
        reason=reason,
    )


def gate_locked(*, actor: Actor, now: datetime, case: Case, on: bool) -> None:
    """Keep AI agents away from a locked case, or let them back; once is enough.

    Args:
        actor: Who acts.
        now: When.
        case: The locked case.
        on: Whether they are kept away from now on.
    """
    if (case.gated_at is not None) is on:
        return
    compare_and_set(
        case,
        expected={"status": case.status},
        changes={"gated_at": now if on else None},
        actor=actor,
        reason="critical risk" if on else "given back",
    )
    append(
        actor=actor,
        now=now,
        case=case,
        kind=entries.CASE_GATED if on else entries.CASE_UNGATED,
        payload={"case": case.label},
    )


def _change(actor: Actor, case: Case, changes: dict[str, object], *, reason: str) -> None:
    compare_and_set(
        case,
        expected={"status": case.status},
        changes=changes,
        actor=actor,
        reason=reason,
    )
