"""Start a journey: one per need."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.intake import services as intake
from cases.journeys import entries
from cases.journeys.engine import ENGINE
from cases.journeys.models import CueSheetVersion, Journey, StepRun
from cases.journeys.runner import create_steps, ends_at, load, record
from cases.journeys.selectors import (
    get_published,
    list_running,
    spec_of,
    steps_by_journey,
    tool_names_of,
)
from cases.journeys.services.conducting import conduct
from cases.journeys.types import Stage, StepState
from cases.memory.models import Case
from cases.memory.selectors import lock_case
from cases.memory.types import CaseStatus
from cases.tools.selectors import change_something
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError

_UNTOUCHED = frozenset({StepState.PENDING, StepState.READY})


@one_act()
def start_journey(*, actor: Actor, now: datetime, case: Case, cue_sheet_key: str) -> Journey:
    """Start a journey on a case, under the version of the cue sheet that is in force.

    A journey under the same cue sheet that has not come to its effect yet is returned
    instead: a second one would ask for the same thing twice.

    Raises:
        InvalidInputError: No such cue sheet is in force.
        NotPermittedError: The actor may not work the case.
        ConflictError: The case is not open, or an AI agent would begin what changes something
            while nobody confirmed what the case is about.
    """
    row = lock_case(case.public_id)
    authority = authority_of(actor)
    require(authority=authority, capability=Capability.CASE_WORK, queue_id=row.queue_id)
    _heed_hold(actor, now, row, cue_sheet_key)
    if row.status not in {CaseStatus.OPEN, CaseStatus.HANDED_OFF}:
        raise ConflictError(
            _("This case is %(status)s; reopen it first.") % {"status": row.status},
            code="conflict.case_not_open",
        )
    version = get_published(key=cue_sheet_key)
    present = _not_begun(row, cue_sheet_key)
    if present is not None:
        return present
    spec = spec_of(version)
    journey = Journey.objects.create(
        case=row, version=version, started_at=now, ends_at=ends_at(spec=spec, since=now)
    )
    create_steps(journey=journey, spec=spec)
    record(
        running=load(case=row, journey_pk=journey.pk),
        kind=entries.JOURNEY_STARTED,
        actor=actor,
        now=now,
        payload={"pattern": version.pattern, "engine": ENGINE},
    )
    conduct(case=row, now=now)
    journey.refresh_from_db()
    return journey


def changes_something(version: CueSheetVersion) -> bool:
    """Whether a cue sheet has a step whose tool changes something in a system of record."""
    return change_something(names=tool_names_of(version))


def _heed_hold(actor: Actor, now: datetime, case: Case, cue_sheet_key: str) -> None:
    if not case.intent_hold:
        return
    if actor.is_human:
        # A person who begins a journey has said what the case is about.
        intake.release_locked(actor=actor, now=now, case=case)
    elif changes_something(get_published(key=cue_sheet_key)):
        intake.refuse_held(actor=actor, case=case)


def _not_begun(case: Case, cue_sheet_key: str) -> Journey | None:
    steps = steps_by_journey(case=case)
    for journey in list_running(case=case):
        same = journey.version.cue_sheet.key == cue_sheet_key
        if same and not any(_is_begun(step) for step in steps.get(journey.pk, [])):
            return journey
    return None


def _is_begun(step: StepRun) -> bool:
    return step.stage == Stage.EXECUTE and step.state not in _UNTOUCHED
