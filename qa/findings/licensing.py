"""How far a check is trusted, by the reviews of people that were drawn; pure.

Source: the standing of a judge is its true negative rate (it catches what people failed) and its
true positive rate (it passes what people passed), each with Wilson's interval; see Rogan and
Gladen (1978) for why both count, and not agreement alone.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from qa.estimates.proportions import wilson
from qa.estimates.types import Interval

#: Both lower ends reach this share before a check is licensed.
LEAST_SHARE: Final = 0.70
#: Failures that people saw, before anything is said of a check.
LEAST_FAILURES: Final = 30


class LicenceState(StrEnum):
    """What a check may be used for.

    ``LICENSED`` counts in estimates and is queued; ``ADVISORY`` is shown to reviewers after
    they answer and never counted; ``STOPPED`` is asked no more until it is licensed anew.
    """

    LICENSED = "licensed"
    ADVISORY = "advisory"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Counts:
    """What people and one check said of the same interactions.

    Attributes:
        failures: People failed it.
        caught: Of those, the check found something.
        passes: People passed it.
        passed: Of those, the check found nothing.
    """

    failures: int = 0
    caught: int = 0
    passes: int = 0
    passed: int = 0

    @property
    def catches(self) -> Interval | None:
        """Interval of the true negative rate; None where no failure was seen."""
        return wilson(hits=self.caught, total=self.failures) if self.failures else None

    @property
    def lets_pass(self) -> Interval | None:
        """Interval of the true positive rate; None where no pass was seen."""
        return wilson(hits=self.passed, total=self.passes) if self.passes else None


def state_of(counts: Counts) -> LicenceState:
    """Return the licence that counts give: advisory until enough is known either way.

    Stopped where a whole interval lies below ``LEAST_SHARE``: then it is shown to be no use.
    """
    catches, lets_pass = counts.catches, counts.lets_pass
    if catches is None or lets_pass is None or counts.failures < LEAST_FAILURES:
        return LicenceState.ADVISORY
    if min(catches.low, lets_pass.low) >= LEAST_SHARE:
        return LicenceState.LICENSED
    if min(catches.high, lets_pass.high) < LEAST_SHARE:
        return LicenceState.STOPPED
    return LicenceState.ADVISORY


def next_state(before: LicenceState, counts: Counts) -> LicenceState:
    """Return the licence after one more look: what was stopped stays so until it earns one."""
    found = state_of(counts)
    if before is LicenceState.STOPPED and found is not LicenceState.LICENSED:
        return LicenceState.STOPPED
    return found
