"""Automatic checks and what they found, as values."""

from enum import StrEnum
from typing import Final


class CheckResult(StrEnum):
    """What a check said of one unit."""

    FOUND = "found"
    FINE = "fine"
    DOES_NOT_APPLY = "does_not_apply"
    SKIPPED = "skipped"


class FindingState(StrEnum):
    """What a person made of a finding."""

    UNSEEN = "unseen"
    CONFIRMED = "confirmed"
    REFUTED = "refuted"


#: What a person has looked at.
LOOKED_AT: Final = (FindingState.CONFIRMED, FindingState.REFUTED)


class Summed(StrEnum):
    """What sums by the day count."""

    UNIT = "unit"
    CHECK = "check"
    FINDING = "finding"
