"""What the metrics are computed from: plain rows, one for each thing that happened; pure.

All moments are UTC. A row that leaves the denominator stays a row, with its reason.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from qa.measurement.types import ExceptionKind, LeftOut, Transfer


class OwnerKind(StrEnum):
    """Who can hold a case."""

    AI = "ai"
    HUMAN = "human"
    QUEUE = "queue"


class Matter(StrEnum):
    """What a contact after a resolution is about."""

    MATTER = "matter"
    THANKS = "thanks"
    SURVEY = "survey"
    AUTO_REPLY = "auto_reply"
    PROMISED_CALL = "promised_call"


class WrapEnd(StrEnum):
    """How the work after a contact ended; the first of them counts."""

    COMPLETED = "completed"
    STATE_CHANGE = "state_change"
    TIME_OUT = "time_out"


class FactState(StrEnum):
    """How a required record stands when it is looked at."""

    PRESENT = "present"
    LATE = "late"
    TOMBSTONE = "tombstone"
    MISSING = "missing"
    INVALID = "invalid"
    RETENTION_OVER = "retention_over"


@dataclass(frozen=True, slots=True)
class Dimensions:
    """By what a row can be told apart; empty where it is not known."""

    journey: str = ""
    channel: str = ""
    pattern: str = ""
    cue_sheet_version: str = ""
    queue: str = ""
    ai_version: str = ""
    risk: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """What makes two contacts be about the same thing."""

    customer: str
    need: str
    entity: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, such as one of waiting for the customer."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """A stretch in which a case stood still because somebody else had to act.

    Attributes:
        waits_for: A ``WaitsFor`` of journeys: the customer, or a third party.
        end: None while it lasts.
    """

    case: str
    waits_for: str
    begin: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Contact:
    """One session with a customer on one channel.

    Attributes:
        id: Of the contact, or of the case where it is a reopening without one.
        issue: None where the customer is not known for sure.
        by_customer: Whether the customer began it.
        promised_at: Of a case that is waiting for a call of ours, for when it was promised.
        handled: Whether anybody, AI or person, ever held it.
    """

    id: str
    case: str
    at: datetime
    issue: Issue | None
    by_customer: bool = True
    matter: Matter = Matter.MATTER
    promised_at: datetime | None = None
    handled: bool = True
    left_out: LeftOut | None = None
    of: Dimensions = field(default_factory=Dimensions)


@dataclass(frozen=True, slots=True)
class Episode:
    """From an opening or reopening of a case to its next resolution.

    Attributes:
        number: 1 for the first of a case.
        resolved_at: None while it is open.
        assumed: Resolved because nothing more came, which nobody confirmed.
        same_cause: Whether it goes on with what the episode before was about.
        without_contact: Resolved again though nobody spoke to the customer since the reopening.
        reopened_by_customer: False for the first episode too.
        withdrawn: Ended by the customer or us giving it up, which is no resolution.
        contacts: Contacts it held up to its end, in order.
        transferred: Whether a counted transfer happened in its first contact.
        first_owner: Who held it first.
        last_owner: Who held it last before it ended; it is counted as theirs.
    """

    case: str
    number: int
    opened_at: datetime
    resolved_at: datetime | None
    issue: Issue | None
    assumed: bool = False
    same_cause: bool = True
    without_contact: bool = False
    reopened_by_customer: bool = False
    withdrawn: bool = False
    contacts: tuple[str, ...] = ()
    transferred: bool = False
    first_owner: str = ""
    last_owner: str = ""
    left_out: LeftOut | None = None
    of: Dimensions = field(default_factory=Dimensions)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch in which one owner holds a case.

    Attributes:
        end: None while it lasts.
    """

    case: str
    owner_kind: OwnerKind
    owner: str
    begin: datetime
    end: datetime | None
    of: Dimensions = field(default_factory=Dimensions)


@dataclass(frozen=True, slots=True)
class CaseTimes:
    """A case as time to resolution takes it.

    Attributes:
        episodes: In order.
        segments: Of any owner, in order of their beginning; they overlap in parallel work.
        waits: Stretches of waiting for the customer or for a third party.
        migrated: Moved to another cue-sheet version while it ran.
    """

    case: str
    opened_at: datetime
    episodes: tuple[Episode, ...]
    segments: tuple[Segment, ...] = ()
    waits: tuple[Stretch, ...] = ()
    migrated: bool = False
    left_out: LeftOut | None = None
    of: Dimensions = field(default_factory=Dimensions)


@dataclass(frozen=True, slots=True)
class Handover:
    """A change of who holds a contact, or an attempt at one.

    Attributes:
        id: Of the event; a merged case brings it along, and it counts once.
        contact: In which contact it happened.
        taken: False where it was offered and refused, or nobody answered.
        planned: The cue sheet gives the next step to the other side.
        keeps_owner: Somebody was asked for advice and the owner stayed.
        leaves_house: It went to somebody outside.
        handled_before: Whether anybody had held it.
        since: When the one who gives it away got it.
        previous_owner: Who held it before that.
        warm: Whether both were present.
    """

    id: str
    contact: str
    at: datetime
    from_kind: OwnerKind
    from_owner: str
    from_team: str
    to_kind: OwnerKind
    to_owner: str
    to_team: str
    taken: bool = True
    planned: bool = False
    keeps_owner: bool = False
    leaves_house: bool = False
    handled_before: bool = True
    since: datetime | None = None
    previous_owner: str = ""
    warm: bool = False
    reason: str = ""
    transfer: Transfer | None = None
    of: Dimensions = field(default_factory=Dimensions)


@dataclass(frozen=True, slots=True)
class Work:
    """What one person did in one contact: a human segment with its wrap-up.

    Attributes:
        last_exchange_at: The last that the customer saw; None where there was none.
        wrapped_at: When the wrap-up ended; None where it does not apply, as in mail without an
            edit of the case soon after sending.
        handle_seconds: How long the person worked on it, wrap-up included.
        focus_seconds: Of the wrap-up, with the item in view; None where that is not recorded.
        open_items: How many items the person had open; divides the time where focus is unknown.
        back_office_seconds: Work on a later day, which is another metric.
    """

    id: str
    contact: str
    case: str
    person: str
    last_exchange_at: datetime | None
    wrapped_at: datetime | None
    ended_by: WrapEnd = WrapEnd.COMPLETED
    handle_seconds: float = 0.0
    focus_seconds: float | None = None
    open_items: int = 1
    back_office_seconds: float = 0.0
    draft_offered: bool = False
    draft_accepted: bool = False
    draft_distance: float | None = None
    left_out: LeftOut | None = None
    of: Dimensions = field(default_factory=Dimensions)


@dataclass(frozen=True, slots=True)
class StepExecution:
    """One logical execution of a step, however often it was tried under its key.

    Attributes:
        key: The idempotency key; rows of one key are one execution.
        step: The stable key of the step, which outlives versions.
        exception: None where none happened.
        recovered: It failed and then went through.
        root: The execution whose exception caused this one; empty for a root.
    """

    key: str
    case: str
    step: str
    by: OwnerKind
    started_at: datetime
    exception: ExceptionKind | None = None
    recovered: bool = False
    root: str = ""
    left_out: LeftOut | None = None
    of: Dimensions = field(default_factory=Dimensions)


@dataclass(frozen=True, slots=True)
class RequiredFact:
    """One record that a case's pinned version and what really happened require."""

    case: str
    key: str
    kind: str
    state: FactState


@dataclass(frozen=True, slots=True)
class ClosedCase:
    """A closed case and what is required of it.

    Attributes:
        chain_verifies: Whether its part of the ledger verifies; None where it was not tried.
        replay_agrees: Whether its decisions come out again as recorded.
        evidence_there: Whether its evidence can be fetched.
    """

    case: str
    closed_at: datetime
    facts: tuple[RequiredFact, ...]
    chain_verifies: bool | None = None
    replay_agrees: bool | None = None
    evidence_there: bool | None = None
    left_out: LeftOut | None = None
    of: Dimensions = field(default_factory=Dimensions)
