"""States, votes and differences of a governed document under review, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from governance.access.types import Role, StepUpProof


class DocumentState(StrEnum):
    """Where one version of a governed document stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class RiskLevel(StrEnum):
    """How much harm a tool, or a document that governs it, can do; sets a floor for both."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class ChangeState(StrEnum):
    """Where a change request stands; the last six are final but for a published one."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_ASKED = "changes_asked"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    RETIRED = "retired"
    ROLLED_BACK = "rolled_back"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    EXPIRED = "expired"


class ChangePurpose(StrEnum):
    """What publishing a change request does."""

    EDIT = "edit"
    ROLLBACK = "rollback"
    RETIREMENT = "retirement"


class ReviewChoice(StrEnum):
    """What a reviewer says."""

    APPROVE = "approve"
    ASK_FOR_CHANGES = "ask_for_changes"
    REFUSE = "refuse"


class VoidCause(StrEnum):
    """Why a vote no longer counts."""

    EDITED = "edited"
    SUBMITTED = "submitted"
    REBASED = "rebased"
    REPLACED = "replaced"


class Sign(StrEnum):
    """How one part of a document differs from the version in force."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in words that a person who does not code can read.

    Attributes:
        place: Where, such as ``Row 10``.
        before: What it said; empty for what was added.
        after: What it would say; empty for what was removed.
        reason: The author's reason for the part; empty where it states none.
        reason_before: The reason it stated before, where it stated one.
    """

    sign: Sign
    place: str
    before: str = ""
    after: str = ""
    reason: str = ""
    reason_before: str = ""


@dataclass(frozen=True, slots=True)
class Quorum:
    """Whose approvals a change takes.

    Attributes:
        votes: How many people, at least 1.
        roles: Roles whose holders may review.
        distinct_roles: Whether each vote must come from another role.
        step_up: Whether a reviewer must prove who they are again.
    """

    votes: int
    roles: frozenset[Role]
    distinct_roles: bool = False
    step_up: bool = False


@dataclass(frozen=True, slots=True)
class GivenReview:
    """One review that still counts.

    Attributes:
        roles: The roles the reviewer held that count.
    """

    reviewer_id: str
    choice: ReviewChoice
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Standing:
    """All of a change request that the rules look at.

    Attributes:
        digest: Digest of the text under review.
        base_digest: Digest of the version in force when it was opened; empty for none.
        rehearsal_digest: Digest of the text that was rehearsed; empty for no rehearsal.
        needs_rehearsal: Whether it may only be approved and published once rehearsed.
        expires_at: When it lapses unpublished; None while it is not under review.
        barred: Public id of a person to the sentence that says why they may not review it.
        kind: The kind of document that is changed.
        document_key: Its key.
    """

    state: ChangeState
    digest: str
    base_digest: str
    rehearsal_digest: str
    quorum: Quorum
    expires_at: datetime | None = None
    barred: Mapping[str, str] = field(default_factory=dict)
    reviews: tuple[GivenReview, ...] = ()
    needs_rehearsal: bool = False
    kind: str = ""
    document_key: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """What a reviewer sends.

    Attributes:
        digest: Digest of the text the reviewer saw.
        reason: Kept in the ledger; needed to ask for changes and to refuse.
        proof: That the reviewer proved who they are, where that was asked lately.
    """

    digest: str
    reason: str = ""
    proof: StepUpProof | None = None


@dataclass(frozen=True, slots=True)
class BoundRehearsal:
    """What a change is bound to once its text was rehearsed.

    Attributes:
        text: Digest of the text that was rehearsed, as the change has it.
        report: Digest of what came out.
        base: Digest of the version in force that it was compared with; empty for none.
        decisions: How many recorded decisions it went over.
    """

    text: str
    report: str
    base: str
    decisions: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something is allowed, and in one sentence why not."""

    allowed: bool
    code: str
    sentence: str = ""
