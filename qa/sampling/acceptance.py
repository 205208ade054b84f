"""Acceptance by attributes: how many of a lot, how many may fail, when inspection changes; pure.

Source of the tables: ISO 2859-1 (ANSI/ASQ Z1.4), tables 1, 2-A and 2-B, single sampling. Only
what is printed there is here: where the standard points to the plan above or below, so does this.
Accepting a lot does not show that its rate lies below the limit.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from orchestra.core.errors import InvalidInputError
from qa.sampling.types import Severity

CAVEAT: Final = (
    "Accepting a lot at a limit does not show that the share of failures is below it: a lot "
    "several times worse is still accepted at times."
)
_LETTERS: Final = "ABCDEFGHJKLMNPQR"
_SIZES: Final = dict(
    zip(
        _LETTERS,
        (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000),
        strict=True,
    )
)
#: Largest lot of each row of table 1; beyond the last one stands its own row.
_LOTS: Final = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000)
#: Code letters of general inspection level II by those rows.
_LEVEL_II: Final = "ABCDEFGHJKLMNPQ"
#: General levels as steps in the row of letters beside level II.
_ROWS: Final = {"I": "AABCCDEFGHJKLMN", "II": _LEVEL_II, "III": "BCDEFGHJKLMNPQR"}
_LIMITS: Final = ("0.65", "1.0", "1.5", "2.5", "4.0", "6.5", "10", "15")
_UP, _DOWN = -1, -2
#: Acceptance numbers under normal inspection; -1 points to the plan above, -2 to the one below.
_NORMAL: Final[dict[str, tuple[int, ...]]] = {
    "B": (_DOWN, _DOWN, _DOWN, _DOWN, 0, _UP, _DOWN, 1),
    "C": (_DOWN, _DOWN, _DOWN, 0, _UP, _DOWN, 1, 2),
    "D": (_DOWN, _DOWN, 0, _UP, _DOWN, 1, 2, 3),
    "E": (_DOWN, 0, _UP, _DOWN, 1, 2, 3, 5),
    "F": (0, _UP, _DOWN, 1, 2, 3, 5, 7),
    "G": (_UP, _DOWN, 1, 2, 3, 5, 7, 10),
    "H": (_DOWN, 1, 2, 3, 5, 7, 10, 14),
    "J": (1, 2, 3, 5, 7, 10, 14, 21),
    "K": (2, 3, 5, 7, 10, 14, 21, _UP),
    "L": (3, 5, 7, 10, 14, 21, _UP, _UP),
    "M": (5, 7, 10, 14, 21, _UP, _UP, _UP),
}
_TIGHTENED: Final[dict[str, tuple[int, ...]]] = {"J": (_DOWN, 1, 2, 3, 5, 8, 12, 18)}
_TABLES: Final = {Severity.NORMAL: _NORMAL, Severity.TIGHTENED: _TIGHTENED}


@dataclass(frozen=True, slots=True)
class SinglePlan:
    """How a lot is judged.

    Attributes:
        letter: Code letter of the plan that is used, after following the arrows.
        reviews: Units reviewed; all of the lot where it is smaller.
        accept: Most failures with which the lot is accepted.
    """

    letter: str
    reviews: int
    accept: int

    @property
    def reject(self) -> int:
        """Fewest failures with which the lot is not accepted."""
        return self.accept + 1


def code_letter(*, lot: int, level: str = "II") -> str:
    """Return the code letter of a lot.

    Raises:
        InvalidInputError: The lot is smaller than two, or there is no such level.
    """
    if lot < 2:  # noqa: PLR2004  the smallest lot of the standard
        raise InvalidInputError("The standard judges lots of at least two.")
    if level not in _ROWS:
        raise InvalidInputError(f"There is no level {level!r}; known are {', '.join(_ROWS)}.")
    return _ROWS[level][bisect_left(_LOTS, lot)]


def single_plan(
    *, lot: int, aql: str, level: str = "II", severity: Severity = Severity.NORMAL
) -> SinglePlan:
    """Return the plan for a lot.

    Args:
        lot: Units in the lot.
        aql: Acceptance quality limit in percent, as the table writes it.
        level: General inspection level.
        severity: Normal or tightened.

    Raises:
        InvalidInputError: The limit or level is none of the table, or the row is not in it.
    """
    if aql not in _LIMITS:
        known = ", ".join(_LIMITS)
        raise InvalidInputError(f"There is no limit {aql!r} in the table; known are {known}.")
    letter, column = code_letter(lot=lot, level=level), _LIMITS.index(aql)
    table = _TABLES.get(severity)
    if table is None:
        raise InvalidInputError("Plans of reduced inspection are not in the table here.")
    seen: set[str] = set()
    while True:
        row = table.get(letter)
        if row is None or letter in seen:
            raise InvalidInputError(
                f"The row {letter} for {severity} inspection is not in the table here; use "
                "another limit, or review all."
            )
        seen.add(letter)
        accept = row[column]
        if accept >= 0:
            return SinglePlan(letter, min(lot, _SIZES[letter]), accept)
        place = _LETTERS.index(letter) + (-1 if accept == _UP else 1)
        letter = _LETTERS[place]


def chance_of_accepting(plan: SinglePlan, *, share: float) -> float:
    """Return the chance that a large lot with a share of failures is accepted (binomial)."""
    return sum(
        math.comb(plan.reviews, bad) * share**bad * (1 - share) ** (plan.reviews - bad)
        for bad in range(plan.accept + 1)
    )


class Standing(StrEnum):
    """Whether inspection goes on."""

    OPEN = "open"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Switching:
    """Where a series of lots stands.

    Attributes:
        recent: Whether each of the last lots on normal inspection was accepted, newest last.
        in_a_row: Lots accepted one after the other on tightened inspection.
        failed: Lots not accepted since inspection was tightened.
        score: Switching score on normal inspection; 30 leads to reduced.
    """

    severity: Severity = Severity.NORMAL
    recent: tuple[bool, ...] = ()
    in_a_row: int = 0
    failed: int = 0
    score: int = 0
    standing: Standing = Standing.OPEN


#: Source: ISO 2859-1, 9.3: two of five or fewer lots fail, five in a row accepted, five failed.
_WINDOW, _FAILS, _BACK, _STOP, _REDUCE, _STEP = 5, 2, 5, 5, 30, 2


def after_lot(now: Switching, *, accepted: bool, earns: int = _STEP) -> Switching:
    """Return where a series stands after one more lot.

    Args:
        now: Where it stood.
        accepted: Whether the lot was accepted.
        earns: What an accepted lot adds to the switching score: 2 where the plan accepts at most
            one failure; else 3 where it would have passed one limit lower too, and 0, which
            begins the score anew, where it would not.
    """
    if now.standing is Standing.STOPPED:
        return now
    if now.severity is Severity.TIGHTENED:
        return _after_tightened(now, accepted=accepted)
    if now.severity is Severity.REDUCED:
        return replace(now, recent=(), score=0) if accepted else Switching(recent=(False,))
    recent = (*now.recent, accepted)[-_WINDOW:]
    if recent.count(False) >= _FAILS:
        return Switching(severity=Severity.TIGHTENED)
    score = now.score + earns if accepted and earns else 0
    if score >= _REDUCE:
        return Switching(severity=Severity.REDUCED)
    return replace(now, recent=recent, score=score)


def _after_tightened(now: Switching, *, accepted: bool) -> Switching:
    if accepted:
        in_a_row = now.in_a_row + 1
        return Switching() if in_a_row >= _BACK else replace(now, in_a_row=in_a_row)
    failed = now.failed + 1
    standing = Standing.STOPPED if failed >= _STOP else Standing.OPEN
    return replace(now, in_a_row=0, failed=failed, standing=standing)


def after_lots(results: Sequence[bool], *, start: Switching | None = None) -> Switching:
    """Return where a series stands after some lots, the first first."""
    now = start or Switching()
    for accepted in results:
        now = after_lot(now, accepted=accepted)
    return now
