"""States, votes and the standing of an approval request, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from governance.access.types import StepUpProof
from governance.policies.types import RiskLevel
from orchestra.core.actors import Actor

Json = Any


class ApprovalState(StrEnum):
    """Where an approval request stands; all but pending and granted are final."""

    PENDING = "pending"
    GRANTED = "granted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOIDED = "voided"
    USED = "used"


#: Kind of subject of a test of attention: ordinary to look at, and never to be run.
VIGILANCE = "vigilance"


class VigilanceResult(StrEnum):
    """How a test of attention went."""

    OPEN = "open"
    CAUGHT = "caught"
    MISSED = "missed"
    EXPIRED = "expired"


class VoteChoice(StrEnum):
    """What a voter says."""

    APPROVE = "approve"
    REJECT = "reject"


class RejectReason(StrEnum):
    """Why a voter rejects, in a form that the requester can act on."""

    WRONG_AMOUNT = "wrong_amount"
    WRONG_PERSON = "wrong_person"
    NOT_ALLOWED = "not_allowed"
    MISSING_EVIDENCE = "missing_evidence"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CastVote:
    """One vote already cast.

    Attributes:
        counts: False once its voter may no longer vote; it stands, and they vote no second
            time.
    """

    voter_id: str
    choice: VoteChoice
    roles: frozenset[str]
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """All of a request that the voting rules look at.

    Attributes:
        roles: Roles whose holders may vote; empty for any role that votes.
        distinct_roles: Whether each approving vote must come from another role.
        barred: Public id of a person to the sentence that says why they may not vote.
        requester_id: Public id of whoever asked; never votes, whatever ``barred`` says.
        stand_ins: Public id of each person whom the requester or somebody barred let vote in
            their place, to the sentence that says so.
    """

    state: ApprovalState
    queue_id: int
    action_digest: str
    view_digest: str
    votes_needed: int
    roles: frozenset[str]
    distinct_roles: bool
    step_up: bool
    barred: dict[str, str]
    deadline_at: datetime
    execute_by_at: datetime | None
    votes: tuple[CastVote, ...] = ()
    requester_id: str = ""
    stand_ins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApprovalDraft:
    """All that a new request is made of.

    Attributes:
        queue_id: Primary key of the queue whose voters are asked.
        subject_kind: Key of the handler that is told once it is decided, ``tool_call``.
        subject_id: Public id of what is approved.
        case_public_id: Public id of the case, which is locked before the request.
        case_label: Name people use for the case, such as ``C-12``.
        stream: Ledger stream of the case.
        title: The effect in one sentence.
        detail: The second line of the inbox.
        amount_minor: Money that moves, in minor units of ``currency``; None where none does.
        requester: Who asks.
        barred: Public id of a person to the sentence that says why they may not vote: the
            requesting agent's owner, whom it acts for, whoever edited the action last.
        action_digest: Digest of exactly what will run.
        view: What the approver is shown, as JSON.
        votes_needed: Approving votes it takes, at least 1.
        roles: Roles whose holders may vote; empty for any role that votes.
        distinct_roles: Whether each approving vote must come from another role.
        step_up: Whether a voter must prove who they are again.
        deadline_at: When it expires undecided.
        tool: Name of the tool that would run; empty where none would.
        rule: The one row of one version of a policy that asks for it; empty where several do.
        journey: Title of the cue sheet that runs; empty where none does.
    """

    queue_id: int
    subject_kind: str
    subject_id: str
    case_public_id: str
    case_label: str
    stream: str
    title: str
    risk: RiskLevel
    requester: Actor
    action_digest: str
    view: Mapping[str, Json]
    deadline_at: datetime
    detail: str = ""
    amount_minor: int | None = None
    currency: str = ""
    barred: Mapping[str, str] = field(default_factory=dict)
    votes_needed: int = 1
    roles: tuple[str, ...] = ()
    distinct_roles: bool = False
    step_up: bool = False
    tool: str = ""
    rule: str = ""
    journey: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a voter sends.

    Attributes:
        choice: Approve or reject.
        action_digest: Digest of the action the voter saw.
        view_digest: Digest of the view the voter saw.
        reason: Kept in the ledger; needed to reject.
        proof: That the voter proved who they are, where that was asked lately.
        reason_code: Which kind of reason it is; needed to reject, and kept for nothing else.
    """

    choice: VoteChoice
    action_digest: str
    view_digest: str
    reason: str = ""
    proof: StepUpProof | None = None
    reason_code: RejectReason | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Who rejected a request, when and why.

    Attributes:
        code: None for a vote that was cast before reasons had codes.
    """

    voter: str
    at: datetime
    reason: str
    code: RejectReason | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a person may vote, and why not.

    Attributes:
        code: Stable code, ``approval.may_vote`` where it is allowed.
        sentence: One sentence for the person; empty where it is allowed.
    """

    allowed: bool
    code: str
    sentence: str = ""


class InboxFilter(StrEnum):
    """The filters of the inbox that everybody has."""

    ALL = "all"
    MAY_DECIDE = "may_decide"
    MINE = "mine"
    HANDED = "handed"
    DUE_SOON = "due_soon"
    HEIGHTENED = "heightened"
    UNCLAIMED = "unclaimed"
