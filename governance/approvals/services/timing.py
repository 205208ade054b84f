"""When a request's clocks have to be looked at next: shared by the services."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.conf import settings

from governance.approvals.clocks import (
    Plan,
    Timing,
    Transition,
    Turn,
    make_plan,
    next_transition,
)
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState

#: What of a request is gone once it has ended: whoever held it holds it no longer.
NOBODY_HOLDS: Mapping[str, Any] = MappingProxyType(
    {
        "claimed_by": None,
        "claimed_until_at": None,
        "handed_to": None,
        "handed_by": None,
        "handed_until_at": None,
        "next_turn_at": None,
    }
)


def plan() -> Plan:
    """Return when requests remind and ask further, as the settings have it."""
    return make_plan(
        reminders=settings.ORCHESTRA["APPROVAL_REMINDER_SHARES"],
        escalations=settings.ORCHESTRA["APPROVAL_ESCALATION_SHARES"],
    )


def transition_of(request: ApprovalRequest, now: datetime, **changes: Any) -> Transition | None:
    """Return what time does next to a request, with some of its columns changed."""
    values = {
        name: changes.get(name, getattr(request, name))
        for name in (
            "deadline_at",
            "execute_by_at",
            "claimed_until_at",
            "handed_until_at",
            "reminded",
            "escalated",
        )
    }
    timing = Timing(state=ApprovalState(request.state), asked_at=request.created_at, **values)
    return next_transition(timing=timing, plan=plan(), now=now)


def next_turn_at(request: ApprovalRequest, now: datetime, **changes: Any) -> datetime | None:
    """Return when the sweep has something to do; expiry is found by the deadline itself."""
    found = transition_of(request, now, **changes)
    return None if found is None or found.turn is Turn.EXPIRE else found.at
