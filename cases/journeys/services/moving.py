"""Move a running journey to the version of its cue sheet that is in force."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cases.journeys import entries
from cases.journeys.engine import ENGINE
from cases.journeys.models import CueSheetVersion, Journey, StepRun
from cases.journeys.moving import preview_move
from cases.journeys.runner import Running, create_steps, ends_at, load, record
from cases.journeys.selectors import get_published, spec_of
from cases.journeys.services.conducting import conduct
from cases.journeys.services.holding import check_state, lock_journey
from cases.journeys.skilled import note_skills
from cases.journeys.types import CueSheetSpec, JourneyState, StepState
from cases.memory.models import Case
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.locking import compare_and_set

_MOVABLE = frozenset({JourneyState.RUNNING, JourneyState.PAUSED})


@one_act()
def move_journey(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    journey_id: UUID | str,
    reason: str,
    seen_digest: str,
) -> Journey:
    """Let a running journey go on under the version in force, as its preview said.

    What is done stays done. Where the new version gives the whole journey a time, that counts
    from now. What was ready is looked at again under the new conditions, with a
    new deadline; what the new version does not have any more is left.

    Args:
        actor: The person who moves it.
        now: When.
        case: The case.
        journey_id: Public id of the journey.
        reason: Why, in at most 500 characters.
        seen_digest: Digest of the version that the preview showed.

    Raises:
        NotFoundError: The case has no such journey.
        NotPermittedError: The actor is no person who works the case.
        InvalidInputError: There is no reason, or no version is in force.
        ConflictError: It does not run, is on that version already, a call of a step that
            changes is under way, or another version came into force since the preview.
    """
    running, said = lock_journey(actor=actor, case=case, journey_id=journey_id, reason=reason)
    check_state(running, _MOVABLE)
    old = running.journey.version
    new = get_published(key=old.cue_sheet.key)
    if new.digest != seen_digest:
        raise ConflictError(
            _("Another version came into force meanwhile; look at the preview again."),
            code="conflict.version_moved_on",
        )
    if new.pk == old.pk:
        raise ConflictError(
            _("It runs on the version in force already."), code="conflict.same_version"
        )
    spec = spec_of(new)
    _check_free(running, spec)
    _rewrite(running, new, spec, actor, now)
    moved = load(case=running.case, journey_pk=running.journey.pk)
    record(
        running=moved,
        kind=entries.JOURNEY_MOVED,
        actor=actor,
        now=now,
        payload={"reason": said, "from_version": old.number, "engine": ENGINE},
    )
    conduct(case=running.case, now=now)
    moved.journey.refresh_from_db()
    return moved.journey


def _check_free(running: Running, spec: CueSheetSpec) -> None:
    states = {step.key: StepState(step.state) for step in running.steps}
    preview = preview_move(old=running.spec, new=spec, states=states)
    if preview.blocks:
        titles = ", ".join(running.step(key).title for key in preview.blocks)
        raise ConflictError(
            _("A call of %(steps)s is under way, and the new version does it otherwise.")
            % {"steps": titles},
            code="conflict.step_under_way",
            data={"steps": list(preview.blocks)},
        )


def _rewrite(
    running: Running, new: CueSheetVersion, spec: CueSheetSpec, actor: Actor, now: datetime
) -> None:
    """Give a journey the steps of another version; those it has keep where they stand."""
    own = {step.key: step for step in running.steps}
    compare_and_set(
        running.journey,
        expected={"version_id": running.journey.version_id},
        changes={
            "version_id": new.pk,
            "ends_at": ends_at(spec=spec, since=running.journey.paused_at or now),
        },
        actor=actor,
    )
    StepRun.objects.filter(journey=running.journey, state=StepState.READY).update(
        state=StepState.PENDING, ready_at=None, due_at=None, escalates_at=None
    )
    wanted = {step.key for step in spec.steps}
    StepRun.objects.filter(journey=running.journey, state=StepState.PENDING).exclude(
        key__in=wanted
    ).update(state=StepState.CANCELLED, ended_at=now)
    made = {
        step.key: step
        for step in create_steps(journey=running.journey, spec=spec, but=frozenset(own))
    }
    for position, cue in enumerate(spec.steps):
        step = own.get(cue.key)
        if step is None or cue.key in made:
            continue
        StepRun.objects.filter(pk=step.pk).update(
            position=position,
            title=cue.title,
            stage=cue.stage,
            owner=cue.owner,
            does=cue.does,
            tools=[tool for tool in (cue.target, *cue.any_of) if cue.does == "tool"],
            optional=cue.optional,
        )
    if any(cue.skills for cue in (*running.spec.steps, *spec.steps)):
        note_skills(journey=running.journey, spec=spec, steps=(*own.values(), *made.values()))
