"""The states of a handoff, the seven parts of its bundle, and what they are built from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Json = Any


class HandoffState(StrEnum):
    """Where a handoff stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    COMPLETED = "completed"


class Reason(StrEnum):
    """Why a case changes hands: the closed list, by the code that stands in the record."""

    CUSTOMER_REQUEST = "customer_request"
    LOW_CONFIDENCE = "low_confidence"
    POLICY_DENIED = "policy_denied"
    POLICY_SPECIALIST = "policy.specialist"
    TOOL_FAILED = "tool_failed"
    MISSING_INFORMATION = "missing_information"
    SENSITIVE = "sensitive"
    STEP_NEEDS_PERSON = "journey.step_needs_person"
    NO_STEP_LEFT = "journey.no_step_left"
    TIME_IS_OVER = "journey.time_is_over"
    PERSON_ASKED = "person.customer_asked"
    BEYOND_AUTHORITY = "person.beyond_authority"
    OTHER_TEAM = "person.other_team"
    SHIFT_ENDS = "person.shift_ends"
    OTHER = "other"


class Outside(StrEnum):
    """Why a matter goes to somebody outside of the house: a closed list, as it is recorded."""

    THEIRS_TO_DO = "outside.theirs_to_do"
    THEIRS_TO_DECIDE = "outside.theirs_to_decide"
    THEY_KNOW = "outside.they_know"
    CUSTOMER_ASKED = "outside.customer_asked"


class Transfer(StrEnum):
    """What kind of change of owner a handoff is, for the transfer rate."""

    PLANNED_STEP = "planned_step"
    ESCALATION = "escalation"
    CROSS_TEAM = "cross_team"
    SAME_TEAM = "same_team"


class Warmth(StrEnum):
    """Whether the sender stays until the receiver has the case, or leaves at once."""

    COLD = "cold"
    WARM = "warm"


class Asked(StrEnum):
    """On which side of a question somebody stands."""

    OF_ME = "of_me"
    BY_ME = "by_me"


@dataclass(frozen=True, slots=True)
class Consult:
    """A question to a colleague by whoever has a case and keeps it; texts are empty once erased.

    Attributes:
        id: Public id.
        asked_by: Name of who asked.
        asker_id: Their public id where they are a person.
        who: Name of the person or the queue asked.
        person_id: Public id of the one person asked; empty where a queue was.
        queue_key: Key of the queue asked; empty where a person was.
        answer: Empty while nobody answered.
        answered_at: When somebody did; None while nobody has.
    """

    id: str
    at: datetime
    asked_by: str = ""
    asker_id: str = ""
    who: str = ""
    person_id: str = ""
    queue_key: str = ""
    question: str = ""
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None

    @property
    def is_answered(self) -> bool:
        """Whether somebody answered, which an erased answer still tells."""
        return self.answered_at is not None


@dataclass(frozen=True, slots=True)
class Pass:
    """One change of owner of a case that came about: from one id to another."""

    giver: str
    taker: str


class BundlePart(StrEnum):
    """The seven parts, none optional, in their fixed order."""

    INTENT = "intent"
    ENTITIES = "entities"
    COMPLETED_STEPS = "completed_steps"
    POLICY_CHECKS = "policy_checks"
    RISK_AND_VERIFICATION = "risk_and_verification"
    NEXT_STEP = "next_step"
    CUSTOMER_PARAGRAPH = "customer_paragraph"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The context that travels with a handoff, as JSON values by part.

    Attributes:
        parts: Each part's content; see ``handoff.rules`` for the shapes.
        missing: Parts that could not be filled, in order.
    """

    parts: dict[BundlePart, Json]
    missing: tuple[BundlePart, ...]


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """One identifier or time that the next person needs.

    Attributes:
        kind: Such as ``order_id``, ``customer`` or ``zip``.
        source: Who or what says so: a tool's name, ``customer``, ``AI agent``.
        confirmed: Whether a tool's answer or a person showed it; otherwise it is a claim.
        at: When it was said or shown.
        call_id: Public id of the tool call that showed it; empty where none did.
    """

    kind: str
    value: str
    source: str
    confirmed: bool
    at: datetime | None = None
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class CompletedStep:
    """One step of a journey that is done, or one tool call outside a plan.

    Attributes:
        title: In the words of the cue sheet, or the tool's title.
        changed: Whether it changed a system of record.
        tool: Name of the tool that was used; empty where none was.
        confirmation: What the tool answered, in words; empty while nothing confirms it.
        call_id: Public id of the tool call; empty where there was none.
        by: Who did it.
    """

    title: str
    changed: bool
    tool: str = ""
    confirmation: str = ""
    call_id: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """One decision that was made in the case.

    Attributes:
        action: What was asked for, in words.
        outcome: allow, verify, approve, specialist or deny.
        reasons: In plain words.
        rules: ``policy:rule`` of every row that fired.
        became: What became of the action, such as ``ran`` or ``was refused by the store``.
        decision_id: Public id of the decision record.
        call_id: Public id of the tool call that was decided on.
    """

    action: str
    outcome: str
    reasons: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    became: str = ""
    decision_id: str = ""
    at: datetime | None = None
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class NextStep:
    """What the person who takes over might do first.

    Attributes:
        title: The step in plain words.
        why: Why it fits the journey.
        key: Key of the step in the cue sheet; empty for a free suggestion.
        suggested_by: Name of who suggests it; empty where the cue sheet itself does.
    """

    title: str
    why: str
    key: str = ""
    suggested_by: str = ""


@dataclass(frozen=True, slots=True)
class BundleInputs:
    """All that a bundle is built from; what is not known stays empty, nothing is made up.

    Attributes:
        intent: Title of the need in plain language, such as ``Return delivered items``.
        customer_words: What the customer said last about it, in their own words.
        entities: Identifiers and times.
        steps: What is done, in the order it was done.
        checks: Decisions made, in their order.
        risk_flags: Flags the case carries; none is a finding too, so an empty tuple is known.
        verification: Level: none, claimed, basic or strong; empty when it was not asked for.
        verification_method: How the customer was verified; empty for none.
        next_step: What to do next; None when nobody says.
        customer_paragraph: What to tell the customer, in one paragraph; empty when missing.
        paragraph_by: Name of who wrote the paragraph.
    """

    intent: str = ""
    customer_words: str = ""
    entities: tuple[NamedEntity, ...] = ()
    steps: tuple[CompletedStep, ...] = ()
    checks: tuple[PolicyCheck, ...] = ()
    risk_flags: tuple[str, ...] = ()
    flag_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verification: str = ""
    verification_method: str = ""
    next_step: NextStep | None = None
    customer_paragraph: str = ""
    paragraph_by: str = ""
