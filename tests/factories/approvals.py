"""Requests for approval, ballots on them, and a handler that remembers."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from governance.access.models import Queue, User
from governance.access.types import StepUpProof
from governance.approvals import rules, services
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.registry import DecidedHandler, handlers
from governance.approvals.types import (
    ApprovalDraft,
    ApprovalState,
    Ballot,
    CastVote,
    RejectReason,
    Standing,
    VoteChoice,
)
from governance.policies.types import RiskLevel
from orchestra.core.actors import Actor, ActorKind
from tests.factories.access import make_queue

SUBJECT_KIND = "test_subject"
ASKED_AT = datetime(2026, 11, 19, 19, 0, tzinfo=UTC)
DEADLINE_AT = ASKED_AT + timedelta(hours=1)
REQUESTER = Actor(
    kind=ActorKind.AGENT,
    id="00000000-0000-7000-8000-0000000000aa",
    label="Returns assistant",
    pk=None,
)
CASE_ID = "00000000-0000-7000-8000-0000000000cc"
VIEW = {"effect": "Refund $1,126.04 to the credit card", "rows": []}
DIGEST = "7c41" + "0" * 60


class Recorder:
    """What a room above would be told, in order."""

    def __init__(self) -> None:
        self.locked: list[str] = []
        self.decided: list[tuple[int, str]] = []
        self.failure: Exception | None = None

    def lock(self, case_public_id: str) -> None:
        self.locked.append(case_public_id)

    def decide(self, request: ApprovalRequest, _now: datetime) -> None:
        if self.failure is not None:
            raise self.failure
        self.decided.append((request.pk, str(request.state)))

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]


#: A registry takes a key once, so one recorder serves all tests and is reset for each.
RECORDER = Recorder()


def register_recorder() -> Recorder:
    handlers.register(SUBJECT_KIND, _HANDLER)
    RECORDER.reset()
    return RECORDER


_HANDLER = DecidedHandler(lock=RECORDER.lock, decided=RECORDER.decide)


def make_draft(queue: Queue | None = None, **changes: Any) -> ApprovalDraft:
    draft = ApprovalDraft(
        queue_id=(queue or make_queue()).pk,
        subject_kind=SUBJECT_KIND,
        subject_id="00000000-0000-7000-8000-0000000000bb",
        case_public_id=CASE_ID,
        case_label="C-12",
        stream=f"case:{CASE_ID}",
        title="Refund $1,126.04 to Daiki Johnson's credit card",
        risk=RiskLevel.HIGH,
        requester=REQUESTER,
        action_digest=DIGEST,
        view=VIEW,
        deadline_at=DEADLINE_AT,
    )
    return replace(draft, **changes)


def make_request(queue: Queue | None = None, **changes: Any) -> ApprovalRequest:
    """A pending request, asked through the service."""
    draft = make_draft(queue, **changes)
    return services.request_approval(actor=draft.requester, now=ASKED_AT, draft=draft)


def make_row(queue: Queue, number: int, **fields: Any) -> ApprovalRequest:
    """A request as a bare row, for reads over many."""
    values = {
        "queue": queue,
        "subject_kind": SUBJECT_KIND,
        "subject_id": f"subject-{number}",
        "case_public_id": CASE_ID,
        "case_label": "C-12",
        "stream": f"case:{CASE_ID}",
        "title": f"Refund {number}",
        "risk": RiskLevel.HIGH,
        "requester_kind": REQUESTER.kind,
        "requester_id": REQUESTER.id,
        "requester_label": REQUESTER.label,
        "action_digest": DIGEST,
        "view": b"{}",
        "view_digest": "0" * 64,
        "nonce": f"{number:064d}",
        "votes_needed": 1,
        "created_at": ASKED_AT,
        "deadline_at": DEADLINE_AT,
    }
    return ApprovalRequest.objects.create(**{**values, **fields})


def add_vote(request: ApprovalRequest, voter: User, *roles: str) -> ApprovalVote:
    """An approving vote as a bare row."""
    return ApprovalVote.objects.create(
        request=request,
        voter=voter,
        choice=VoteChoice.APPROVE,
        roles=sorted(roles),
        action_digest=request.action_digest,
        view_digest=request.view_digest,
        at=ASKED_AT,
    )


def make_ballot(
    request: ApprovalRequest | Standing,
    choice: VoteChoice = VoteChoice.APPROVE,
    **changes: Any,
) -> Ballot:
    """A ballot that answers what stands, with a reason."""
    ballot = Ballot(
        choice=choice,
        action_digest=request.action_digest,
        view_digest=request.view_digest,
        reason="The order shows it.",
        reason_code=RejectReason.OTHER if choice is VoteChoice.REJECT else None,
    )
    return replace(ballot, **changes)


def make_proof(at: datetime, method: str = "test") -> StepUpProof:
    return StepUpProof(at=at, method=method)


def make_standing(**changes: Any) -> Standing:
    """A pending request as a value, on queue 7."""
    standing = Standing(
        state=ApprovalState.PENDING,
        queue_id=7,
        action_digest=DIGEST,
        view_digest=rules.view_digest(VIEW),
        votes_needed=1,
        roles=frozenset(),
        distinct_roles=False,
        step_up=False,
        barred={},
        deadline_at=DEADLINE_AT,
        execute_by_at=None,
        requester_id=REQUESTER.id,
    )
    return replace(standing, **changes)


def make_vote(
    voter_id: str, roles: Iterable[str] = ("supervisor",), choice: VoteChoice = VoteChoice.APPROVE
) -> CastVote:
    return CastVote(voter_id=voter_id, choice=choice, roles=frozenset(roles))
