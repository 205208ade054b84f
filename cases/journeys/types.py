"""Cue sheets, journeys, steps and the engine's commands, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from governance.access.types import Role

Json = Any


#: Why a journey takes its case to a person.
STEP_NEEDS_PERSON: Final = "journey.step_needs_person"
NO_STEP_LEFT: Final = "journey.no_step_left"
TIME_IS_OVER: Final = "journey.time_is_over"


class Pattern(StrEnum):
    """Who leads."""

    AI_FIRST = "ai_first"
    HUMAN_FIRST = "human_first"
    PARALLEL = "parallel"


class Stage(StrEnum):
    """The six stages; every cue belongs to one."""

    IDENTIFY = "identify"
    VERIFY = "verify"
    EXECUTE = "execute"
    COMMUNICATE = "communicate"
    ESCALATE = "escalate"
    CLOSE = "close"


class DoesKind(StrEnum):
    """What a cue does."""

    TOOL = "tool"
    MESSAGE = "message"
    CHECK = "check"
    SIGN_OFF = "sign_off"
    CLASSIFY = "classify"


class StepState(StrEnum):
    """Where a step stands."""

    PENDING = "pending"
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"
    HANDED_OFF = "handed_off"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the step will not move again."""
        return self in FINAL_STEPS


#: How a caller names itself as the owner of a step.
MINE = "me"
#: Whose steps can be asked for.
STEP_OWNERS = (MINE, "ai", *(str(role) for role in Role if role is not Role.AI_AGENT))


@dataclass(frozen=True, slots=True)
class StepFilters:
    """How a list of steps is narrowed, as a query string has it.

    Attributes:
        state: A ``StepState``.
        owner: One of ``STEP_OWNERS``.
    """

    state: str = StepState.READY
    owner: str = MINE


FINAL_STEPS = frozenset(
    {
        StepState.DONE,
        StepState.SKIPPED,
        StepState.REFUSED,
        StepState.FAILED,
        StepState.HANDED_OFF,
        StepState.CANCELLED,
    }
)


class JourneyState(StrEnum):
    """Where a journey stands."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    HANDED_OFF = "handed_off"
    CANCELLED = "cancelled"


class WaitsFor(StrEnum):
    """Whom a paused journey waits for; the time does not count as ours."""

    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"


#: In these a journey stands still, whatever its steps are.
HELD_JOURNEYS = frozenset({JourneyState.PAUSED, JourneyState.CANCELLED})


class ReversalState(StrEnum):
    """Where taking back one effect of a cancelled journey stands."""

    PENDING = "pending"
    PROPOSED = "proposed"
    DONE = "done"
    BY_PERSON = "by_person"
    LEFT = "left"

    @property
    def is_final(self) -> bool:
        """Whether nothing is left to do about it."""
        return self in {ReversalState.DONE, ReversalState.LEFT}


class Otherwise(StrEnum):
    """What happens when a step does not succeed; a step key is the fourth way."""

    RETRY = "retry"
    HAND_OFF = "hand_off"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class When:
    """A condition on a fact of the case; exactly one of ``equals`` and ``is_not`` is used."""

    fact: str
    operator: str
    value: Json


@dataclass(frozen=True, slots=True)
class StepSpec:
    """One cue: who does what, after what, by when, and how one knows it is done.

    Attributes:
        owner: ``ai`` or the name of a human role.
        does: What it does; ``target`` is the tool, message or check.
        any_of: Further tools, any one of which fulfils the step as well.
        after: Keys of steps that must be done or skipped before.
        when: Conditions that must all hold, else the step is skipped.
        bind: Argument name to a fact name; a fully bound step is proposed by the system.
        otherwise: ``retry``, ``hand_off``, ``skip`` or a step key.
        draft: What a person might say here, with ``{fact}`` for what is known; empty for none.
        tries: How often it is tried before a person looks, where it is retried; None for the
            engine's own bound.
        grace_minutes: For how long after its deadline its owner is reminded before it counts as
            failed; None for not at all.
        skills: What whoever does it has to be able to do, by key; a person, in the AI's place too.
    """

    key: str
    title: str
    stage: Stage
    owner: str
    does: DoesKind
    target: str
    any_of: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    when: tuple[When, ...] = ()
    bind: Mapping[str, str] = field(default_factory=dict)
    due_in_minutes: int | None = None
    optional: bool = False
    otherwise: str = "hand_off"
    draft: str = ""
    tries: int | None = None
    grace_minutes: int | None = None
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CueSheetSpec:
    """The plan for one kind of need.

    Attributes:
        completion: What is true once the need is met, in plain words.
        all_done: Steps that must all be done for that to hold.
        any_done: Steps of which at least one must be done, where not empty.
        ends_after_minutes: How long a journey may run before it is ended and what it changed is
            taken back; None for as long as it takes.
        skills: What whoever takes a case of this need over has to be able to do, by key.
    """

    key: str
    title: str
    intents: tuple[str, ...]
    pattern: Pattern
    queue: str
    completion: str
    recontact_window_hours: int
    sign_off_role: str
    steps: tuple[StepSpec, ...]
    all_done: tuple[str, ...] = ()
    any_done: tuple[str, ...] = ()
    ends_after_minutes: int | None = None
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepNow:
    """A step as it stands."""

    key: str
    state: StepState
    tries: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JourneyNow:
    """A journey as it stands, for the engine.

    Attributes:
        facts: Facts of the case by name, such as ``verification`` or ``order_status``.
    """

    state: JourneyState
    steps: Mapping[str, StepNow]
    facts: Mapping[str, Json] = field(default_factory=dict)


class CommandKind(StrEnum):
    """What the engine can ask the runner to do."""

    MAKE_READY = "make_ready"
    SKIP = "skip"
    PROPOSE = "propose"
    HAND_OFF = "hand_off"
    REOPEN_STEP = "reopen_step"
    COMPLETE_JOURNEY = "complete_journey"


@dataclass(frozen=True, slots=True)
class Command:
    """One move; ``step`` is empty for the whole journey."""

    kind: CommandKind
    step: str = ""
    reason: str = ""
