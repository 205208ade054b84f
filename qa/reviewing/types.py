"""Reviews of people as values."""

from dataclasses import dataclass
from enum import StrEnum


class ReviewKind(StrEnum):
    """Why a review is made; only the first kind enters an estimate, and only where drawn."""

    FIRST = "first"
    SECOND = "second"
    CALIBRATION = "calibration"
    GOLD = "gold"


class ReviewState(StrEnum):
    """Where a review stands."""

    WAITING = "waiting"
    TAKEN = "taken"
    SUBMITTED = "submitted"
    RELEASED = "released"
    SKIPPED = "skipped"


class Unassigned(StrEnum):
    """Why nobody was given a review; it waits, visibly, until somebody can take it."""

    NOBODY_HOLDS_ROLE = "nobody_holds_role"
    ALL_HAD_A_HAND = "all_had_a_hand"
    QUOTAS_USED = "quotas_used"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may review by role.

    Attributes:
        person: Public id.
        waiting: Reviews they were given and have not handed in.
        given: Reviews they were given in the period, handed in or not.
    """

    person: str
    waiting: int = 0
    given: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is given a review, or why nobody is.

    Attributes:
        person: Public id; empty where nobody is.
        why: None where somebody is.
    """

    person: str = ""
    why: Unassigned | None = None
