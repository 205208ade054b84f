"""What entries about journeys and steps say of a case; pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from cases.journeys import entries
from cases.journeys.types import CueSheetSpec, JourneyState, StepState
from cases.memory.types import CaseEntry
from cases.playback.drafting import Draft, text_of, value_of
from cases.playback.types import JourneyThen, StepThen
from governance.policies.types import Outcome

#: Outcomes of a decision after which a step waits rather than runs.
WAITS: Final = frozenset({Outcome.VERIFY, Outcome.APPROVE, Outcome.SPECIALIST})
_BUSY = frozenset({StepState.READY, StepState.RUNNING, StepState.WAITING})
_STATES: Final[Mapping[str, StepState]] = {kind: to for to, kind in entries.KIND_OF.items()}
_UNMET = frozenset({StepState.REFUSED, StepState.FAILED})
#: Steps that a journey which was ended for good leaves behind.
_LEFT = frozenset({StepState.PENDING, StepState.READY, StepState.HANDED_OFF})


def steps_of(spec: CueSheetSpec) -> dict[str, StepThen]:
    """Return the steps of a journey that begins, by key."""
    return {
        step.key: StepThen(
            key=step.key,
            title=step.title,
            owner=step.owner,
            stage=str(step.stage),
            state=StepState.PENDING,
            position=position,
        )
        for position, step in enumerate(spec.steps)
    }


def _started(draft: Draft, entry: CaseEntry) -> None:
    plan = draft.plans.get(entry.cue)
    draft.journeys[entry.subject_id] = JourneyThen(
        id=entry.subject_id,
        cue_sheet=plan.key if plan else text_of(entry, "cue_sheet"),
        title=plan.title if plan else text_of(entry, "title"),
        version=int(value_of(entry, "version", 0)),
        cue=entry.cue,
        state=JourneyState.RUNNING,
    )
    draft.steps[entry.subject_id] = steps_of(plan) if plan else {}


def _journey_to(state: JourneyState) -> Callable[[Draft, CaseEntry], None]:
    def handle(draft: Draft, entry: CaseEntry) -> None:
        journey = draft.journeys.get(entry.subject_id)
        if journey is not None:
            draft.journeys[entry.subject_id] = replace(journey, state=state)

    return handle


def _cancelled(draft: Draft, entry: CaseEntry) -> None:
    _journey_to(JourneyState.CANCELLED)(draft, entry)
    steps = draft.steps.get(entry.subject_id, {})
    for key, step in steps.items():
        if step.state in _LEFT or (step.state == StepState.RUNNING and not step.call):
            reason = text_of(entry, "reason")
            steps[key] = replace(step, state=StepState.CANCELLED, reason=reason)


def _moved(draft: Draft, entry: CaseEntry) -> None:
    """Let a journey go on under another version: what is done stays, the rest is planned anew."""
    journey, plan = draft.journeys.get(entry.subject_id), draft.plans.get(entry.cue)
    if journey is None:
        return
    version = int(value_of(entry, "version", journey.version))
    draft.journeys[journey.id] = replace(journey, version=version, cue=entry.cue)
    known = {
        key: replace(step, state=StepState.PENDING) if step.state == StepState.READY else step
        for key, step in draft.steps.get(journey.id, {}).items()
    }
    if plan is None:
        draft.steps[journey.id] = known
        return
    fresh = steps_of(plan)
    left = {
        key: replace(step, state=StepState.CANCELLED) if step.state == StepState.PENDING else step
        for key, step in known.items()
        if key not in fresh
    }
    kept = {key: _as_now(known[key], step) for key, step in fresh.items() if key in known}
    draft.steps[journey.id] = {**fresh, **kept, **left}


def _as_now(step: StepThen, fresh: StepThen) -> StepThen:
    return replace(
        step, title=fresh.title, owner=fresh.owner, stage=fresh.stage, position=fresh.position
    )


def place_of(draft: Draft, entry: CaseEntry) -> tuple[str, str] | None:
    """Return journey and key of the step an entry is about; None where that cannot be told.

    A step that was recorded before is known by its id. Otherwise the entry names its journey;
    entries of earlier releases name the cue sheet only, and mean the newest journey under it
    whose step of that key has no id yet.
    """
    for journey, steps in draft.steps.items():
        for key, step in steps.items():
            if step.id == entry.subject_id:
                return journey, key
    key = str(value_of(entry, "step", ""))
    named = value_of(entry, "journey")
    if named is not None:
        return (named, key) if named in draft.steps else None
    for one in reversed(draft.journeys.values()):
        known = draft.steps[one.id].get(key)
        if one.cue == entry.cue and (known is None or not known.id) and key:
            return one.id, key
    return None


def _step_moved(draft: Draft, entry: CaseEntry) -> None:
    place = place_of(draft, entry)
    if place is None:
        return
    journey, key = place
    to = _STATES[entry.kind]
    steps = draft.steps[journey]
    step = steps.get(key) or StepThen(
        key=key,
        title=text_of(entry, "title"),
        owner=text_of(entry, "owner"),
        stage=text_of(entry, "stage"),
        state=StepState.PENDING,
        position=len(steps),
    )
    steps[key] = replace(
        step,
        id=entry.subject_id,
        state=to,
        tries=int(value_of(entry, "tries", step.tries + (to in _UNMET))),
        reason=text_of(entry, "reason") if to.is_final else "",
        call="" if to is StepState.PENDING else str(value_of(entry, "tool_call", step.call)),
    )


def take_step(draft: Draft, entry: CaseEntry) -> None:
    """Put a proposed call into the step it fulfils, where that step is free for it."""
    step_id, key = value_of(entry, "step_id", ""), str(value_of(entry, "step", ""))
    parent = value_of(entry, "edited_from", "")
    for steps in draft.steps.values():
        for at, step in steps.items():
            named = step.id == step_id if step_id else bool(key) and at == key
            if named and _is_free(step, parent):
                waits = value_of(entry, "outcome") in WAITS
                state = StepState.WAITING if waits else StepState.RUNNING
                steps[at] = replace(step, state=state, call=entry.subject_id)
                return


def _is_free(step: StepThen, parent: str) -> bool:
    if parent and step.call == parent:
        return step.state in _BUSY
    return step.state == StepState.READY


def stop_waiting(draft: Draft, call_id: str) -> None:
    """Bring the step of a call whose approval was granted out of its wait."""
    for steps in draft.steps.values():
        for key, step in steps.items():
            if step.call == call_id and step.state == StepState.WAITING:
                steps[key] = replace(step, state=StepState.RUNNING)


STEP_HANDLERS: Final[Mapping[str, Callable[[Draft, CaseEntry], None]]] = {
    entries.JOURNEY_STARTED: _started,
    entries.JOURNEY_COMPLETED: _journey_to(JourneyState.COMPLETED),
    entries.JOURNEY_HANDED_OFF: _journey_to(JourneyState.HANDED_OFF),
    entries.JOURNEY_REOPENED: _journey_to(JourneyState.RUNNING),
    entries.JOURNEY_PAUSED: _journey_to(JourneyState.PAUSED),
    entries.JOURNEY_RESUMED: _journey_to(JourneyState.RUNNING),
    entries.JOURNEY_CANCELLED: _cancelled,
    entries.JOURNEY_TIMED_OUT: _cancelled,
    entries.JOURNEY_MOVED: _moved,
    **dict.fromkeys(_STATES, _step_moved),
}
