"""Runs a case again on what was recorded, and compares every move with the record; pure.

The record's inputs are fed to the engine in their order: words, proposals, votes, what the tools
answered, and the clock. What the engine does then must be what the record says was done, entry
by entry. Nothing is executed and no tool is called.

A reason is compared where an entry gives one: of a step that ends or is handed over, and of a
journey that ends or goes on. Why a step becomes ready, again or at all, no entry repeats.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cases.journeys import entries as kinds
from cases.journeys.engine import plan
from cases.journeys.rerun_inputs import INPUTS, WITHIN, note_ready
from cases.journeys.rerun_moves import HANDOFF_OFFERED
from cases.journeys.rerun_world import (
    Difference,
    Journeying,
    Lacking,
    Move,
    Parted,
    Rerun,
    Rules,
    Verdict,
    World,
    place_of,
)
from cases.journeys.types import CueSheetSpec
from cases.memory.types import CaseEntry
from cases.tools.types import ToolSpec
from orchestra.core.actors import ActorKind

Json = Any

_STEP_MOVES = frozenset(kinds.KIND_OF.values())
_JOURNEY_MOVES = frozenset(
    {kinds.JOURNEY_COMPLETED, kinds.JOURNEY_HANDED_OFF, kinds.JOURNEY_REOPENED}
)
_CASE_MOVES = frozenset({HANDOFF_OFFERED, kinds.STEP_OFF_PLAN})
_MOVES = _STEP_MOVES | _JOURNEY_MOVES | _CASE_MOVES
#: Moves that may come from outside as well: somebody's offer, or the clock.
_EITHER = frozenset({HANDOFF_OFFERED, kinds.STEP_FAILED})
#: Moves that are somebody's own act where another than the system made them.
_BY_HAND = frozenset({kinds.STEP_DONE, kinds.STEP_SKIPPED})
_SYSTEM: Final = str(ActorKind.SYSTEM)


def rerun(
    entries: Sequence[CaseEntry],
    *,
    plans: Mapping[str, CueSheetSpec],
    tools: Mapping[str, ToolSpec],
    decided: Mapping[str, Mapping[str, Json]],
    rules: Rules = plan,
) -> Rerun:
    """Return what running a case again comes to.

    Args:
        entries: The whole stream of the case, in order.
        plans: Digest of a cue sheet's version to what it says.
        tools: Digest of a tool's version to what it declares.
        decided: Public id of a decision to the facts it saw.
        rules: The engine's rules; those that run now.
    """
    run = _Run(World(plans=plans, tools=tools, decided=decided, rules=rules))
    seq = 0
    try:
        for entry in entries:
            seq = entry.seq
            run.take(entry)
        run.flush()
    except Parted as parted:
        return run.result(Verdict.DIFFERS, first=Difference(seq, str(parted)))
    except Lacking as lacking:
        return run.result(Verdict.CANNOT, lacks=(str(lacking),))
    return run.result(Verdict.EQUAL)


class _Run:
    """One run: feeds inputs, expects moves."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._moves = 0
        self._inputs = 0

    def result(
        self, verdict: Verdict, first: Difference | None = None, lacks: tuple[str, ...] = ()
    ) -> Rerun:
        """Return what the run came to."""
        return Rerun(verdict, self._moves, self._inputs, first, lacks)

    def take(self, entry: CaseEntry) -> None:
        """Take one entry: as a move that is due, or as an input.

        Raises:
            Parted: The engine does something else.
            Lacking: It cannot be run on.
        """
        if entry.kind not in _MOVES and entry.kind not in INPUTS and entry.kind not in WITHIN:
            return
        if entry.payload is None:
            raise Lacking(f"what entry {entry.seq} held, which was erased")
        if entry.kind in _MOVES and self._is_due(entry):
            self._compare(entry)
            return
        if entry.kind in WITHIN:
            WITHIN[entry.kind](self._world, entry, entry.payload)
        else:
            self._feed(entry, entry.payload)
        self._inputs += 1

    def _feed(self, entry: CaseEntry, payload: Mapping[str, Json]) -> None:
        by_tool = entry.kind == "verification.recorded" and payload.get("tool_call")
        # What a tool's answer verified stands between the answer and what follows from it, and
        # of a journey that a person brings to its end every step ends before it goes on.
        if not by_tool:
            self.flush(before=self._closing(entry))
        if entry.kind not in INPUTS:
            raise Parted(f"The record has {_words(entry)}; run again, nothing moves here.")
        INPUTS[entry.kind](self._world, entry, payload)

    def _is_due(self, entry: CaseEntry) -> bool:
        """Whether the engine makes a move here, after whatever came last was looked at."""
        if entry.kind in _BY_HAND and entry.actor_kind != _SYSTEM:
            return False
        self._pull()
        if not self._world.due:
            return False
        return entry.kind not in _EITHER or _is_of(self._world, self._world.due[0], entry)

    def _closing(self, entry: CaseEntry) -> Journeying | None:
        """Return the journey whose handed-over step a person ends here, or None."""
        if entry.kind not in _BY_HAND or not self._world.closing:
            return None
        journey, _step = place_of(self._world, entry)
        return journey if journey in self._world.closing else None

    def _pull(self, before: Journeying | None = None) -> None:
        while not self._world.due and self._world.trigger is not None:
            if before is not None and self._world.closing[:1] == [before]:
                return
            trigger, self._world.trigger = self._world.trigger, None
            trigger(self._world)

    def flush(self, before: Journeying | None = None) -> None:
        """Make sure that nothing is due.

        Args:
            before: A journey that is not yet looked at; None looks at all.

        Raises:
            Parted: The engine makes a move that the record does not have.
        """
        self._pull(before)
        if self._world.due:
            told = _told(self._world, self._world.due[0])
            raise Parted(f"Run again, {told} comes here; the record goes on without it.")

    def _compare(self, entry: CaseEntry) -> None:
        move = self._world.due.popleft()
        if not _is_of(self._world, move, entry):
            told = _told(self._world, move)
            raise Parted(f"The record has {_words(entry)}; run again, {told} comes here.")
        payload = entry.payload or {}
        said = str(payload.get("reason", ""))
        if move.reason is not None and said != move.reason:
            raise Parted(
                f"{_told(self._world, move).capitalize()}: the record gives as reason "
                f"“{said}”, the run “{move.reason}”."
            )
        for name, value in move.facts.items():
            if payload.get(name) != value:
                raise Parted(
                    f"{_told(self._world, move).capitalize()}: {name.replace('_', ' ')} is "
                    f"{payload.get(name)} in the record, {value} when run again."
                )
        self._note(move, entry)
        self._moves += 1

    def _note(self, move: Move, entry: CaseEntry) -> None:
        """Keep what only the record knows of a move: ids, and when."""
        if move.kind == HANDOFF_OFFERED:
            waiting = next(one for one in self._world.handoffs if not one.id)
            waiting.id = entry.subject_id
        elif move.kind == kinds.JOURNEY_REOPENED:
            self._world.journeys[move.journey].counts_from = entry.at
        elif move.step:
            step = self._world.journeys[move.journey].steps[move.step]
            step.id = entry.subject_id
            if move.kind == kinds.STEP_READY:
                note_ready(step, entry)


def _is_of(world: World, move: Move, entry: CaseEntry) -> bool:
    """Whether an entry is about the very thing a move is about."""
    if move.kind != entry.kind:
        return False
    if move.kind in _CASE_MOVES:
        return move.kind != HANDOFF_OFFERED or entry.actor_kind == _SYSTEM
    if move.kind in _JOURNEY_MOVES:
        return entry.subject_id == move.journey
    expected = world.journeys[move.journey].steps[move.step]
    if expected.id:
        return expected.id == entry.subject_id
    payload = entry.payload or {}
    same_journey = payload.get("journey", move.journey) == move.journey
    return bool(payload.get("step") == move.step and same_journey)


def _told(world: World, move: Move) -> str:
    if move.step:
        title = world.journeys[move.journey].steps[move.step].spec.title
        return f"“{title}” {_verb(move.kind)}"
    if move.journey:
        return f"the journey “{world.journeys[move.journey].title}” {_verb(move.kind)}"
    return "a handoff to people" if move.kind == HANDOFF_OFFERED else "a call off the plan"


def _words(entry: CaseEntry) -> str:
    title = (entry.payload or {}).get("title", "")
    if entry.kind == HANDOFF_OFFERED:
        return "a handoff to people"
    return f"“{title}” {_verb(entry.kind)}" if title else _verb(entry.kind)


def _verb(kind: str) -> str:
    return kind.partition(".")[2].replace("_", " ")
