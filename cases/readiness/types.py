"""What is looked at, and what came of it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Part(StrEnum):
    """The steps of the path, in their order; expanding comes after all of them."""

    JOURNEY = "journey"
    COMPLETION = "completion"
    TOOLS = "tools"
    GUARDRAILS = "guardrails"


class CheckCode(StrEnum):
    """What is checked."""

    IN_FORCE = "journey.in_force"
    RECOGNISED = "journey.recognised"
    PROVED = "completion.proved"
    WINDOW = "completion.window"
    TOOL = "tools.tool"
    REPEATS = "tools.repeats"
    POLICY = "guardrails.policy"
    LIMITS = "guardrails.limits"
    VERIFIED_FIRST = "guardrails.verified_first"
    APPROVER = "guardrails.approver"
    HANDOFF = "guardrails.handoff"
    STOP = "guardrails.stop"
    AGENT = "guardrails.agent"


#: The part each check belongs to.
PART_OF: Mapping[CheckCode, Part] = {code: Part(code.partition(".")[0]) for code in CheckCode}


class ToolTrouble(StrEnum):
    """Why a tool cannot be used yet, the first that holds."""

    MISSING = "missing"
    RETIRED = "retired"
    SWITCHED_OFF = "switched_off"
    STOPPED = "stopped"
    NO_RISK = "no_risk"
    NEVER_ANSWERED = "never_answered"


@dataclass(frozen=True, slots=True)
class ToolSeen:
    """A tool that a cue sheet uses, as it stands.

    Attributes:
        name: Its name, which is all that is known of a missing one.
        exists: Whether there is such a tool.
        risk: Its risk level; empty where none is declared.
        answered_at: When it last succeeded, in UTC; None where it never did.
        repeats_safely: Whether a lost answer can be asked for again without a second effect.
        shows: Whether a success shows the effect: it reads, or a confirming read is declared.
        verifies: Whether its success verifies the customer.
        policies: How many policies in force have it in their scope.
        has_limit: Whether a limit of those policies counts it.
    """

    name: str
    title: str = ""
    exists: bool = True
    is_write: bool = False
    risk: str = ""
    enabled: bool = True
    retired: bool = False
    stopped: bool = False
    answered_at: datetime | None = None
    repeats_safely: bool = False
    shows: bool = False
    verifies: bool = False
    policies: int = 0
    has_limit: bool = False


@dataclass(frozen=True, slots=True)
class JourneySeen:
    """A cue sheet and everything it needs, as they stand.

    Attributes:
        key: Its key.
        number: The version in force; None for none, and then nothing else is known.
        queue: Title of its queue; empty where there is no such queue.
        uses_ai: Whether an AI agent owns a step.
        intents: Title of each intent that leads to it to how many examples it has.
        tools: Every tool that its steps may use.
        proving: Names of the tools whose success proves the completion.
        window_hours: How long a customer's return counts against it.
        voters: People who may approve on its queue.
        owning: Those of them who own an AI agent of the queue, and so never vote on its calls.
        workers: People who take over cases of its queue.
        agents: AI agents with a live token on its queue.
        drilled_at: When a stop was last drilled with success, in UTC; None for never.
        verified_cases: Journeys of it that ended with their completion shown, as far as counted.
    """

    key: str
    title: str = ""
    number: int | None = None
    queue: str = ""
    uses_ai: bool = False
    intents: Mapping[str, int] = field(default_factory=dict)
    tools: tuple[ToolSeen, ...] = ()
    proving: tuple[str, ...] = ()
    says: str = ""
    window_hours: int = 0
    voters: frozenset[str] = frozenset()
    owning: frozenset[str] = frozenset()
    workers: int = 0
    agents: tuple[str, ...] = ()
    drilled_at: datetime | None = None
    verified_cases: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        passed: Whether it is as it has to be.
        names: What it is about, in the order of the cue sheet: tools, intents, people.
        trouble: Why a tool fails; empty elsewhere.
    """

    code: CheckCode
    passed: bool
    names: tuple[str, ...] = ()
    trouble: str = ""

    @property
    def part(self) -> Part:
        """The step of the path it belongs to."""
        return PART_OF[self.code]


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far a journey is from its first real case.

    Attributes:
        checks: Every check, in the order of the path.
        verified_cases: Cases whose completion was shown, as far as counted.
    """

    checks: tuple[Check, ...]
    verified_cases: int

    @property
    def passed(self) -> int:
        """How many checks pass."""
        return sum(one.passed for one in self.checks)

    @property
    def total(self) -> int:
        """How many checks there are."""
        return len(self.checks)

    @property
    def missing(self) -> int:
        """How many checks fail."""
        return self.total - self.passed

    def of(self, part: Part) -> tuple[Check, ...]:
        """Return the checks of one step of the path."""
        return tuple(one for one in self.checks if one.part is part)


class PathEnd(StrEnum):
    """How a guided path ended."""

    EXPANDED = "expanded"
    LEFT = "left"
