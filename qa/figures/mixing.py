"""Whether a period holds other work than the one before it; pure.

A number that moved may have moved since the work did, not how well it was done. Source: R. G.
Newcombe, "Interval estimation for the difference between independent proportions" (1998), method
10, at the error rate of C. E. Bonferroni for as many strata as are compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from qa.estimates.proportions import difference
from qa.figures.types import PeriodRows

Sizes = Mapping[str, int]

_ERROR: Final = 0.05
#: A share that moved by less changes no number that anybody would act on.
LEAST_MOVED: Final = 0.05


@dataclass(frozen=True, slots=True)
class Moved:
    """One stratum whose share of the population is another one than before.

    Attributes:
        before: Its share of all in the period before, 0 to 1.
        after: Its share now.
        low: From where the change lies, in shares.
        high: To where.
    """

    name: str
    before: float
    after: float
    low: float
    high: float

    @property
    def change(self) -> float:
        """By how much its share is larger now; negative for smaller."""
        return self.after - self.before


def moved_mix(new: PeriodRows, old: PeriodRows) -> tuple[Moved, ...]:
    """Return the strata whose share moved by more than chance would, the furthest first.

    Nothing where either is empty, or where the plan cuts otherwise than before.
    """
    now = {one.name: one.size for one in new.strata}
    then = {one.name: one.size for one in old.strata}
    names = sorted({*now, *then})
    if new.version != old.version or not sum(now.values()) or not sum(then.values()):
        return ()
    found = [_compare(name, now, then, 1 - _ERROR / len(names)) for name in names]
    return tuple(sorted(filter(_is_moved, found), key=lambda one: (-abs(one.change), one.name)))


def _compare(name: str, now: Sizes, then: Sizes, confidence: float) -> Moved:
    whole, before = sum(now.values()), sum(then.values())
    found = difference(
        hits=now.get(name, 0),
        total=whole,
        other_hits=then.get(name, 0),
        other_total=before,
        confidence=confidence,
    )
    return Moved(name, then.get(name, 0) / before, now.get(name, 0) / whole, found.low, found.high)


def _is_moved(one: Moved) -> bool:
    return abs(one.change) >= LEAST_MOVED and not one.low <= 0 <= one.high
