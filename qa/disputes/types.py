"""Disputes and coaching as values."""

from dataclasses import dataclass
from enum import StrEnum


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    KEPT = "kept"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Overturned:
    """How often decided disputes changed an answer, with its interval.

    Attributes:
        what: The question's key, or the person's name.
        low: Lower end of the 95 % interval, 0 to 1.
        high: Upper end.
    """

    what: str
    decided: int
    changed: int
    low: float
    high: float

    @property
    def low_percent(self) -> int:
        """The lower end in percent."""
        return round(self.low * 100)

    @property
    def high_percent(self) -> int:
        """The upper end in percent."""
        return round(self.high * 100)
