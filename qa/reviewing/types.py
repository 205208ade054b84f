"""Reviews of people as values."""

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
