"""Remind, ask the next role, and end what was handed over: what time does before the deadline."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError
from django.utils.translation import gettext as _

from governance.access import rules as access
from governance.access.models import User
from governance.approvals import entries
from governance.approvals.clocks import Transition, Turn
from governance.approvals.handed import list_voters_of_role
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import list_possible_voters
from governance.approvals.services.handing import end_hand_over
from governance.approvals.services.locked import APPROVALS, lock_request, record
from governance.approvals.services.timing import next_turn_at, transition_of
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from orchestra.core.clock import rfc3339
from orchestra.core.errors import OrchestraError
from orchestra.core.locking import compare_and_set

log = structlog.get_logger(__name__)

#: People whom an entry names; beyond that it tells how many there are.
_NAMED = 50


def turn_clocks(*, now: datetime, batch: int) -> int:
    """Do what time does to pending requests before their deadline, each in its transaction.

    Always by the system, each thing once, also where two sweeps run at once. One that fails is
    logged and tried again by the next sweep; it does not hold up the others.

    Args:
        now: The moment of the sweep.
        batch: How many requests at most.

    Returns:
        How many transitions were made.
    """
    due = list(
        ApprovalRequest.objects.filter(state=ApprovalState.PENDING, next_turn_at__lte=now)
        .order_by("next_turn_at", "pk")
        .values_list("pk", flat=True)[:batch]
    )
    return sum(_turn(pk, now) for pk in due)


def _turn(pk: int, now: datetime) -> int:
    done = 0
    try:
        with one_act():
            request = lock_request(pk=pk)
            while (due := _due(request, now)) is not None:
                _ACTS[due.turn](request, due, now)
                done += 1
            if not done and request.next_turn_at != next_turn_at(request, now):
                # The settings are others than when it was planned, or the deadline is here.
                _write(request, now)
    except (OrchestraError, DatabaseError, LookupError) as error:
        log.warning("approvals.turn_failed", request=pk, error=type(error).__name__)
        return 0
    return done


def _due(request: ApprovalRequest, now: datetime) -> Transition | None:
    found = transition_of(request, now)
    if found is None or found.at > now or found.turn is Turn.EXPIRE:
        return None
    return found


def _take_back(request: ApprovalRequest, _due: Transition, now: datetime) -> None:
    end_hand_over(request, APPROVALS, now, reason=_("its time is over"))


def _remind(request: ApprovalRequest, due: Transition, now: datetime) -> None:
    people = list_possible_voters(request=request)
    _write(request, now, reminded=due.step)
    record(
        request,
        actor=APPROVALS,
        now=now,
        kind=entries.REMINDED,
        payload={
            **_for_everyone(request, due, people),
            "claimed_by_id": str(request.claimed_by.public_id) if request.claimed_by else "",
            "handed_to_id": str(request.handed_to.public_id) if request.handed_to else "",
        },
    )


def _escalate(request: ApprovalRequest, due: Transition, now: datetime) -> None:
    role, people = _next_role(request, now)
    before = sorted(request.roles)
    asked = sorted({*request.escalated_roles, role}) if role else request.escalated_roles
    # Without a role named, every role that votes may vote already: nothing is left to widen.
    roles = sorted({*before, role}) if role and before else before
    _write(
        request,
        now,
        escalated=due.step,
        roles=roles,
        escalated_roles=asked,
        lacks_voters=not people,
    )
    record(
        request,
        actor=APPROVALS,
        now=now,
        kind=entries.ESCALATED,
        payload={
            **_for_everyone(request, due, people),
            "from": before,
            "to": role,
            "nobody_eligible": not people,
            "reason": _why(role),
        },
    )


def _next_role(request: ApprovalRequest, now: datetime) -> tuple[str, list[User]]:
    """Return the next role of the queue that votes, was not asked yet, and has somebody there."""
    voting = {str(role) for role in access.VOTING_ROLES}
    asked = {*request.roles, *request.escalated_roles}
    for role in request.queue.next_roles:
        if role in voting and role not in asked:
            people = list_voters_of_role(request=request, role=role, now=now)
            if people:
                return str(role), people
    return "", []


def _why(role: str) -> str:
    if not role:
        return _("Nobody decided, and no further role of the queue has anybody who may vote on it.")
    return _("Nobody decided and nobody holds it, so %(role)s is asked too.") % {
        "role": _("the role %(name)s") % {"name": role.replace("_", " ")}
    }


def _for_everyone(request: ApprovalRequest, due: Transition, people: list[User]) -> dict[str, Any]:
    return {
        "approval_id": str(request.public_id),
        "queue": request.queue.key,
        "risk": str(request.risk),
        "step": due.step,
        "deadline_at": rfc3339(request.deadline_at),
        "voter_ids": [str(person.public_id) for person in people[:_NAMED]],
        "voters": len(people),
    }


def _write(request: ApprovalRequest, now: datetime, **changes: Any) -> None:
    compare_and_set(
        request,
        expected={
            "state": ApprovalState.PENDING,
            "reminded": request.reminded,
            "escalated": request.escalated,
        },
        changes={**changes, "next_turn_at": next_turn_at(request, now, **changes)},
        actor=APPROVALS,
    )


_ACTS: Mapping[Turn, Callable[[ApprovalRequest, Transition, datetime], None]] = {
    Turn.TAKE_BACK: _take_back,
    Turn.REMIND: _remind,
    Turn.ESCALATE: _escalate,
}
