"""What a check is and what it returns; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from qa.findings.reading import Beside, Reading, Span
from qa.findings.types import CheckResult


class Harm(StrEnum):
    """How much harm what a check finds can do; fixed for the check, whatever the words are."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Spotted:
    """One thing found.

    Attributes:
        spans: The words it rests on; at least one.
        against: What stands beside them.
        detail: Code of what is wrong with them, such as ``no_call``.
    """

    spans: tuple[Span, ...]
    against: tuple[Beside, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check said.

    Attributes:
        why: Code of why it was skipped or does not apply; empty otherwise.
        spotted: What it found; empty unless the result is ``found``.
    """

    result: CheckResult
    why: str = ""
    spotted: tuple[Spotted, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        key: Its lower-case name.
        version: Raised whenever it may say something else of the same reading.
        question: Key of the scorecard's question that people answer on the same matter;
            empty where there is none.
        run: Takes a reading in which somebody spoke, and returns what it found.
    """

    key: str
    version: int
    harm: Harm
    question: str
    run: Callable[[Reading], Outcome]

    @property
    def series(self) -> str:
        """Check and version."""
        return f"{self.key}/{self.version}"


def does_not_apply(why: str) -> Outcome:
    """Return that there is nothing to check."""
    return Outcome(CheckResult.DOES_NOT_APPLY, why)


def skipped(why: str) -> Outcome:
    """Return that it could not be checked."""
    return Outcome(CheckResult.SKIPPED, why)


def judged(spotted: Sequence[Spotted]) -> Outcome:
    """Return found or fine."""
    if spotted:
        return Outcome(CheckResult.FOUND, spotted=tuple(spotted))
    return Outcome(CheckResult.FINE)
