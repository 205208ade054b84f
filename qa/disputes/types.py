"""Disputes and coaching as values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"
    KEPT = "kept"
    CHANGED = "changed"


#: Fewer than this that were decided say nothing of a question, a person or a check.
FEWEST_DECIDED: Final = 5


class OverturnedBy(StrEnum):
    """What overturned answers and findings are counted by."""

    QUESTION = "question"
    REVIEWER = "reviewer"
    DECIDER = "decider"
    JUDGE = "judge"
    CHECK = "check"


class Unfit(StrEnum):
    """Why a lead cannot be given a dispute."""

    SCORED = "scored"
    WORKED = "worked"
    OWNS = "owns"
    HAS_IT = "has_it"


@dataclass(frozen=True, slots=True)
class Overturned:
    """How often what was said did not stand once somebody else looked, with its interval.

    Attributes:
        what: Key of the question or check, public id of the person, or what stands for the
            judge: model, prompt, rubric and parameters.
        title: Name of the person; otherwise the same as ``what``.
        decided: Disputes that were decided; of checks and judges, findings people looked at.
        changed: Of those, answers that were changed; of findings, those that are not so. None
            where fewer than ``FEWEST_DECIDED`` were decided.
        low: Lower end of the 95 % interval, 0 to 1; None likewise.
        high: Upper end; None likewise.
    """

    what: str
    title: str
    decided: int
    changed: int | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_shown(self) -> bool:
        """Whether enough was decided to say anything."""
        return self.changed is not None

    @property
    def low_percent(self) -> int:
        """The lower end in percent; 0 where none is told."""
        return round(100 * (self.low or 0))

    @property
    def high_percent(self) -> int:
        """The upper end in percent; 0 where none is told."""
        return round(100 * (self.high or 0))
