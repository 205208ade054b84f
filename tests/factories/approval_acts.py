"""Acts on approvals, and what a refused one must leave alone."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from governance.access.models import User
from governance.approvals import services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.types import VoteChoice
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core.actors import Actor, system
from orchestra.core.errors import (
    OrchestraError,
)
from tests.factories.approvals import (
    Recorder,
    make_ballot,
)

UNKNOWN = "00000000-0000-7000-8000-00000000dead"
REJECT = VoteChoice.REJECT
EXECUTOR = system("executor")


def entries() -> list[tuple[str, str]]:
    """Kind and actor kind of every entry, oldest first."""
    return list(LedgerEntry.objects.order_by("id").values_list("kind", "actor_kind"))


def kinds() -> list[str]:
    return [kind.removeprefix("approval.") for kind, _actor in entries()]


def payload(kind: str) -> dict[str, Any]:
    body = EntryPayload.objects.filter(entry__kind=kind).latest("entry_id").body
    found: dict[str, Any] = json.loads(bytes(body))
    return found


def snapshot() -> list[Any]:
    """Everything an act on approvals could change."""
    return [
        list(ApprovalRequest.objects.order_by("id").values_list()),
        list(ApprovalVote.objects.order_by("id").values_list()),
        entries(),
    ]


def vote(
    voter: User | Actor, request: ApprovalRequest, now: datetime, *args: Any, **changes: Any
) -> ApprovalRequest:
    return services.cast_vote(
        actor=voter.as_actor() if isinstance(voter, User) else voter,
        now=now,
        request_id=request.public_id,
        ballot=make_ballot(request, *args, **changes),
    )


def refuse(act: Callable[[], object], recorder: Recorder) -> OrchestraError:
    """Run what must be refused and must change nothing; return the error."""
    before, told = snapshot(), list(recorder.decided)
    with pytest.raises(OrchestraError) as refused:
        act()
    assert snapshot() == before
    assert recorder.decided == told
    return refused.value
