"""The world a case is run again in: its journeys, calls and handoffs in memory; pure."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from cases.handoff.types import HandoffState
from cases.journeys.types import Command, CueSheetSpec, JourneyNow, JourneyState, StepNow, StepSpec
from cases.memory.types import CaseEntry
from cases.tools.types import CallState, ToolSpec

Json = Any
#: The rules under which a journey moves.
Rules = Callable[[JourneyNow, CueSheetSpec], tuple[Command, ...]]


class Verdict(StrEnum):
    """How a case came out when it was run again."""

    EQUAL = "equal"
    DIFFERS = "differs"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where run and record part.

    Attributes:
        seq: Number of the entry it was seen at.
        text: What differs, in words.
    """

    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class Rerun:
    """What running a case again on its record came to.

    Attributes:
        moves: How many recorded moves the engine made again.
        inputs: How many recorded inputs it was fed.
        first: The first difference; None where there is none.
        lacks: What is missing to run it again; then nothing is said about agreement.
    """

    verdict: Verdict
    moves: int
    inputs: int
    first: Difference | None = None
    lacks: tuple[str, ...] = ()


class Parted(Exception):  # noqa: N818  ends a run; it is a finding, no error
    """Run and record part here."""


class Lacking(Exception):  # noqa: N818  ends a run; it is a finding, no error
    """Something is missing to go on."""


@dataclass(frozen=True, slots=True)
class Move:
    """One move that the engine makes, as its entry would say it.

    Attributes:
        journey: Public id; empty for a move of the whole case.
        step: Key of the step; empty for the whole journey.
        reason: As recorded; None where it is not compared.
        facts: Further values of the payload that must be as here.
    """

    kind: str
    journey: str = ""
    step: str = ""
    reason: str | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Stepping:
    """A step in the run."""

    spec: StepSpec
    now: StepNow
    id: str = ""
    call: str = ""
    handoff: "Handing | None" = None
    ready_at: datetime | None = None


@dataclass(slots=True, eq=False)
class Journeying:
    """A journey in the run; the time it may take counts from ``counts_from``."""

    id: str
    title: str
    cue: str
    spec: CueSheetSpec
    state: JourneyState
    steps: dict[str, Stepping]
    wish: Command | None = None
    paused_at: datetime | None = None
    counts_from: datetime | None = None


@dataclass(slots=True, eq=False)
class Calling:
    """A tool call in the run: what was asked, decided and answered."""

    id: str
    tool: ToolSpec
    title: str
    rationale: str
    arguments: Json
    decision: str
    place: tuple[str, str] | None
    state: CallState
    reason: str = ""
    refused: bool = False
    result: Json = None
    ended_at: datetime | None = None
    unverified: bool = False


@dataclass(slots=True, eq=False)
class Handing:
    """A handoff in the run; its id is known once the record names it."""

    state: HandoffState
    id: str = ""


@dataclass(slots=True, eq=False)
class World:
    """A case as it is run again.

    Attributes:
        plans: Digest of a cue sheet's version to what it says.
        tools: Digest of a tool's version to what it declares.
        decided: Public id of a decision to the facts it saw.
        facts: What is known of the case itself, as journeys may ask for it.
        due: Moves the engine makes now and the record has not shown yet.
        closing: Journeys whose handed-over steps a person is bringing to their end, in order.
        trigger: What brings the next moves, looked at when the record shows one.
    """

    plans: Mapping[str, CueSheetSpec]
    tools: Mapping[str, ToolSpec]
    decided: Mapping[str, Mapping[str, Json]]
    rules: Rules
    facts: dict[str, Json] = field(default_factory=dict)
    journeys: dict[str, Journeying] = field(default_factory=dict)
    calls: dict[str, Calling] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    handoffs: list[Handing] = field(default_factory=list)
    due: deque[Move] = field(default_factory=deque)
    closing: list[Journeying] = field(default_factory=list)
    trigger: Callable[["World"], None] | None = None

    def running(self) -> list[Journeying]:
        """Return the journeys that run, oldest first."""
        return [one for one in self.journeys.values() if one.state is JourneyState.RUNNING]

    def handoff(self, handoff_id: str) -> Handing | None:
        """Return a handoff by its id, or None."""
        return next((one for one in self.handoffs if one.id == handoff_id), None)

    def steps(self) -> Iterator[tuple[Journeying, Stepping]]:
        """Yield every step with its journey."""
        for journey in self.journeys.values():
            for step in journey.steps.values():
                yield journey, step

    def step_of_call(self, call: Calling) -> tuple[Journeying, Stepping] | None:
        """Return the step a call was proposed for, or None."""
        if call.place is None:
            return None
        journey = self.journeys[call.place[0]]
        return journey, journey.steps[call.place[1]]

    def is_open(self, step: Stepping) -> bool:
        """Whether a step waits for a call of its own; one tried again names the call before."""
        call = self.calls.get(step.call)
        return call is not None and not call.state.is_terminal

    def known(self, journey: Journeying) -> dict[str, Json]:
        """Return the facts a journey may ask for: of its calls' decisions, then of the case."""
        taken = {step.call for step in journey.steps.values() if step.call}
        found: dict[str, Json] = {}
        for call in self.calls.values():
            if call.id in taken:
                found.update(self.decided.get(call.decision, {}))
        return {**found, **self.facts}


def place_of(world: World, entry: CaseEntry) -> tuple[Journeying, Stepping]:
    """Return the step that an entry is about.

    A step is known by its id once one entry named it; before, the entry names journey and key,
    and entries of earlier releases only cue sheet and key.

    Raises:
        Parted: The run has no such step.
    """
    for journey, step in world.steps():
        if step.id == entry.subject_id:
            return journey, step
    payload = entry.payload or {}
    key = str(payload.get("step", ""))
    for journey in reversed(world.journeys.values()):
        named = payload.get("journey")
        fits = journey.id == named if named else journey.cue == entry.cue
        found = journey.steps.get(key) if fits else None
        if found is not None and not found.id:
            found.id = entry.subject_id
            return journey, found
    raise Parted(f"The record names a step “{key}” that no journey of the run has.")
