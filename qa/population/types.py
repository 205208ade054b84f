"""What can be sampled, by what it is told apart, and why it may stand out or be left out."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from governance.reviews.types import RiskLevel
from orchestra.core.actors import ActorKind


class Unit(StrEnum):
    """What is counted and drawn."""

    INTERACTION = "interaction"
    CASE = "case"
    HANDOFF = "handoff"
    APPROVAL = "approval"
    DECISION = "decision"


class HandledBy(StrEnum):
    """Who worked it."""

    AI = "ai"
    HUMAN = "human"
    MIXED = "mixed"


class Flag(StrEnum):
    """Why something is left out of a population; it is flagged with a reason, never deleted."""

    TEST = "test"
    SPAM = "spam"
    DUPLICATE = "duplicate"
    INTERNAL = "internal"
    ABANDONED = "abandoned"


class Dimension(StrEnum):
    """What a frame is filtered by and cut into strata by; all of it known before a review."""

    RISK = "risk"
    HANDLED_BY = "handled_by"
    QUEUE = "queue"
    JOURNEY = "journey"
    CHANNEL = "channel"
    PATTERN = "pattern"
    CUE_SHEET_VERSION = "cue_sheet_version"
    AI_VERSION = "ai_version"
    AGENT = "agent"
    TENURE = "tenure"


class Target(StrEnum):
    """Why a targeted plan picks something."""

    LOW_CONFIDENCE = "low_confidence"
    RECONTACT = "recontact"
    EXCEPTION = "exception"
    POLICY_NEAR_MISS = "policy_near_miss"
    COMPLAINT = "complaint"


#: Columns a frame is filtered and cut by; they stand still once a frame was drawn from.
TELLING: Final = tuple(str(one) for one in Dimension)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody did for a customer.

    Attributes:
        by: ``kind:id`` of who did it.
        label: Their name.
        leads: Whether it is work on the matter itself, such as words or a call, and not a vote
            or a word about it.
    """

    at: datetime
    kind: ActorKind
    by: str
    label: str
    leads: bool = True


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision on an action.

    Attributes:
        risk: As its record says; None where it does not.
        denied: Whether nothing was allowed to happen.
    """

    at: datetime
    risk: RiskLevel | None
    denied: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What intake made of the customer's words."""

    at: datetime
    confidence: float
    unsure: bool
    complaint: bool


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of one unit, of the time until it ended.

    Attributes:
        acts: Every act of anybody, in order.
        decided: Decisions, in order.
        read: Classifications, in order.
        went_wrong: Whether a step failed, was missed or left the plan, or the like.
        came_back: Whether the customer came back for the same in time.
        merged: Whether its case was taken into another.
        test: Whether it is a test of attention.
    """

    acts: tuple[Act, ...] = ()
    decided: tuple[Decided, ...] = ()
    read: tuple[Read, ...] = ()
    went_wrong: bool = False
    came_back: bool = False
    merged: bool = False
    test: bool = False


@dataclass(frozen=True, slots=True)
class Flagged:
    """What a person last said of whether a unit counts.

    Attributes:
        flag: Why it is left out; None for one that counts.
    """

    flag: Flag | None
    reason: str


@dataclass(frozen=True, slots=True)
class SumsStanding:
    """Up to where sums by the day may be read, and what must be counted beside them.

    Attributes:
        made_at: When sums were last made; None where none were yet, so that all is counted.
        changed: Days of UTC that changed since, to be counted as they are now.
        behind_at: Since when days beyond these wait; None where none do. What is read of them
            is as of then, and whoever shows it says so.
    """

    made_at: datetime | None = None
    changed: tuple[date, ...] = ()
    behind_at: datetime | None = None
