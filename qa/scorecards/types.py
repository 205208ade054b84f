"""A scorecard as a value."""

from dataclasses import dataclass, field
from enum import StrEnum


class Subject(StrEnum):
    """What a scorecard judges; the first three are conversations, by who worked them."""

    AI = "ai"
    HUMAN = "human"
    MIXED = "mixed"
    HANDOFF = "handoff"
    APPROVAL = "approval"


class AnswerKind(StrEnum):
    """How a question is answered; free text earns nothing."""

    YES_NO = "yes_no"
    SCALE = "scale"
    CHOICE = "choice"
    TEXT = "text"


class Evidence(StrEnum):
    """When an answer needs words of the conversation beside it."""

    NEVER = "never"
    ON_FAIL = "on_fail"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice, and the points it earns."""

    key: str
    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A question is asked only if an earlier one has one of these answers.

    Attributes:
        question: Key of a question that stands before.
        answers: ``yes`` and ``no``, steps of a scale as text, or keys of a choice.
    """

    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing a reviewer looks for.

    Attributes:
        points: The most it can earn, times the weight of its section; for a choice that of
            its best answer. A step of a scale earns ``(step - low) / (high - low)`` of it.
        not_applicable: Whether it may be left out, with its points.
        auto_fail: Whether failing it sets the whole review to 0.
        bonus: Whether its points come on top of what could be had.
        guidance: Help for the reviewer; its wording changes no score.
        low: Lowest step of a scale.
        high: Highest step of a scale; it earns all points.
        fails_on: The answer of a yes-or-no question that earns nothing.
    """

    key: str
    text: str
    kind: AnswerKind
    points: int = 0
    not_applicable: bool = False
    auto_fail: bool = False
    bonus: bool = False
    evidence: Evidence = Evidence.ON_FAIL
    guidance: str = ""
    low: int = 0
    high: int = 0
    fails_on: str = "no"
    options: tuple[Option, ...] = ()
    only_if: Condition | None = None

    @property
    def answers(self) -> tuple[str, ...]:
        """The answers that a condition may name."""
        if self.kind is AnswerKind.YES_NO:
            return ("yes", "no")
        if self.kind is AnswerKind.SCALE:
            return tuple(str(step) for step in range(self.low, self.high + 1))
        return tuple(option.key for option in self.options)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together.

    Attributes:
        weight: By which the points of its questions are multiplied; 0 for asked, not scored.
    """

    key: str
    title: str
    weight: int
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Scoring:
    """How answers become a score.

    Attributes:
        pass_percent: From which score a review passes.
        fail_below_percent: Below which share of its points an auto-fail question fails.
        decimals: Digits after the point when a score is shown; it is rounded only then,
            half to even.
        above_100: Whether a bonus may lift a score above 100 %.
    """

    pass_percent: int
    fail_below_percent: int = 50
    decimals: int = 1
    above_100: bool = False


@dataclass(frozen=True, slots=True)
class ScorecardSpec:
    """A whole scorecard."""

    key: str
    title: str
    purpose: str
    applies_to: tuple[Subject, ...]
    scoring: Scoring
    sections: tuple[Section, ...] = field(default=())

    @property
    def questions(self) -> tuple[Question, ...]:
        """Every question in the order in which it is asked."""
        return tuple(one for section in self.sections for one in section.questions)
