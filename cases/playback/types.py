"""A case at a past moment, as values: state, work, words, decisions, and what erasing left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cases.tools.types import CallState

Json = Any

#: Stands where a text was erased under a legal basis; what happened still stands.
ERASED: Final = "[erased]"


@dataclass(frozen=True, slots=True)
class StepThen:
    """A step of a journey as it stood.

    Attributes:
        id: Public id; empty while nothing was recorded of it.
        state: A ``StepState``.
        call: Public id of the call that took it; empty for none.
        position: Place in the cue sheet, from 0.
    """

    key: str
    title: str
    owner: str
    stage: str
    state: str
    id: str = ""
    position: int = 0
    tries: int = 0
    call: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class JourneyThen:
    """A journey as it stood, with its steps in their order.

    Attributes:
        cue: Digest of the cue sheet's version it runs under.
        state: A ``JourneyState``.
    """

    id: str
    cue_sheet: str
    title: str
    version: int
    cue: str
    state: str
    steps: tuple[StepThen, ...] = ()


@dataclass(frozen=True, slots=True)
class AttemptThen:
    """One attempt at the system of record.

    Attributes:
        ended: ``answered``, ``refused``, ``no_answer``, ``late``; empty while it runs.
        detail: Why there was no answer.
    """

    number: int
    at: datetime
    ended: str = ""
    ended_at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CallThen:
    """A tool call as it stood.

    Attributes:
        state: A ``CallState``; ``[erased]`` where what was decided of it was erased.
        schema: Digest of the tool's version it was decided on.
        result: What the system of record answered; None for nothing yet.
        confirmed: Whether reading back showed the effect; None where nobody looked.
        decision: Public id of the newest decision on it.
        approval: Public id of its approval; empty for none.
    """

    id: str
    tool: str
    title: str
    effect: str
    state: str
    proposed_at: datetime
    seq: int
    requester_kind: str
    requester_label: str
    schema: str = ""
    step_id: str = ""
    step_key: str = ""
    off_plan: bool = False
    arguments: Json = None
    rationale: str = ""
    result: Json = None
    reason: str = ""
    refused: bool = False
    confirmed: bool | None = None
    confirmed_by: str = ""
    decision: str = ""
    approval: str = ""
    edited_from: str = ""
    ended_at: datetime | None = None
    attempts: tuple[AttemptThen, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether nothing more was to happen by itself."""
        return self.state in set(CallState) and CallState(self.state).is_terminal


@dataclass(frozen=True, slots=True)
class DecisionThen:
    """One verdict of the policies.

    Attributes:
        id: Public id of the record.
        digest: Digest of the record, as the ledger holds it.
        policies: Policy key to (version, digest).
        again: Whether an earlier decision was looked at once more.
    """

    seq: int
    at: datetime
    id: str
    digest: str
    call: str
    outcome: str
    reasons: str
    policies: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    again: bool = False


@dataclass(frozen=True, slots=True)
class SeenThen:
    """That somebody opened an approval, and since when they had all of it on screen."""

    who: str
    at: datetime
    all_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoteThen:
    """One vote.

    Attributes:
        counts: False once it was discounted.
    """

    who_id: str
    who: str
    choice: str
    at: datetime
    reason: str = ""
    view_digest: str = ""
    counts: bool = True


@dataclass(frozen=True, slots=True)
class ApprovalThen:
    """An approval as it stood.

    Attributes:
        state: An ``ApprovalState``.
        view_digest: Names what an approver was shown.
    """

    id: str
    label: str
    title: str
    call: str
    state: str
    at: datetime
    votes_needed: int = 0
    roles: tuple[str, ...] = ()
    deadline_at: str = ""
    view_digest: str = ""
    action_digest: str = ""
    opened: tuple[SeenThen, ...] = ()
    votes: tuple[VoteThen, ...] = ()


@dataclass(frozen=True, slots=True)
class HandoffThen:
    """A handoff as it stood.

    Attributes:
        state: A ``HandoffState``.
        from_queue: Key of the queue it left.
        from_holder: Public id of the person who sent it; empty for an AI or the system.
        bundle: The seven parts as offered; None once erased.
    """

    id: str
    state: str
    at: datetime
    queue: str
    from_queue: str
    from_holder: str
    from_label: str
    reason: str
    reason_code: str = ""
    role: str = ""
    bundle_digest: str = ""
    bundle: Json = None
    holder: str = ""


@dataclass(frozen=True, slots=True)
class SaidThen:
    """One utterance."""

    seq: int
    id: str
    at: datetime
    speaker: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class VerificationThen:
    """What was said about who the customer is, and on whose word."""

    at: datetime
    level: str
    trust: str
    method: str
    by: str
    tool_call: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceThen:
    """A reference or file that was attached."""

    id: str
    at: datetime
    title: str
    by: str


@dataclass(frozen=True, slots=True)
class CaseThen:
    """A case at a past moment: all of it from entries up to then, and from nothing later.

    Attributes:
        count: How many entries had been recorded.
        at: When the last of them was.
        status: A ``CaseStatus``.
        queue: Key of the queue it stood in.
        holder: Public id of the person who held it; empty for nobody.
        erased: Numbers of the entries whose payload was erased since.
    """

    count: int
    at: datetime
    label: str = ""
    status: str = ""
    queue: str = ""
    channel: str = ""
    subject: str = ""
    customer_ref: str = ""
    customer_name: str = ""
    intent: str = ""
    intent_title: str = ""
    intent_at: datetime | None = None
    priority: int = 3
    risk_flags: tuple[str, ...] = ()
    verification: str = "none"
    holder: str = ""
    holder_label: str = ""
    opened_at: datetime | None = None
    opened_by: str = ""
    outcome: str = ""
    outcome_confirmed: bool = False
    bound_at: datetime | None = None
    journeys: tuple[JourneyThen, ...] = ()
    calls: tuple[CallThen, ...] = ()
    decisions: tuple[DecisionThen, ...] = ()
    approvals: tuple[ApprovalThen, ...] = ()
    handoffs: tuple[HandoffThen, ...] = ()
    said: tuple[SaidThen, ...] = ()
    verifications: tuple[VerificationThen, ...] = ()
    evidence: tuple[EvidenceThen, ...] = ()
    erased: tuple[int, ...] = ()

    def call(self, call_id: str) -> CallThen | None:
        """Return one call of it, or None."""
        return next((one for one in self.calls if one.id == call_id), None)
