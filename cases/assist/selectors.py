"""Reads for live assist: what a case offers to suggest from, and what is suggested now."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.assist.models import AssistPause, SuggestionRecord
from cases.assist.rules import stems_of
from cases.assist.types import Cue, Known, PastCase, SuggestionState
from cases.intake.selectors import latest_classification
from cases.journeys.models import StepRun
from cases.journeys.selectors import list_steps, spec_of, step_spec
from cases.journeys.types import JourneyState, Pattern, StepState
from cases.memory.models import Case
from cases.memory.types import CaseStatus
from cases.tools.selectors import list_calls
from cases.tools.types import CallState
from governance.access.types import Authority, Role
from orchestra.core.actors import Actor
from orchestra.core.errors import NotFoundError

#: How many resolved cases of the same need are compared.
LOOKED_AT = 50
#: Arguments of a tool that answered which name what the customer's matter is about.
_NAMING = ("order_id", "user_id", "item_id", "payment_method_id", "booking_id", "invoice_id")
_BESIDE_A_PERSON = frozenset({Pattern.HUMAN_FIRST, Pattern.PARALLEL})


def is_beside_a_person(case: Case, steps: list[StepRun]) -> bool:
    """Tell whether a person leads this case now, so that assist has somebody to help."""
    if case.status not in {CaseStatus.OPEN, CaseStatus.HANDED_OFF}:
        return False
    if case.status == CaseStatus.HANDED_OFF or case.holder_id is not None:
        return True
    return any(
        step.journey.state == JourneyState.HANDED_OFF
        or (
            step.journey.state == JourneyState.RUNNING
            and step.journey.version.pattern in _BESIDE_A_PERSON
        )
        for step in steps
    )


def due_cue(steps: list[StepRun]) -> Cue | None:
    """Return the cue that is due: the first that is ready, else the first handed to a person.

    Args:
        steps: All steps of a case, with their journeys, as ``list_steps`` returns them.
    """
    if not steps:
        return None
    newest = max(step.journey_id for step in steps)
    of_newest = [step for step in steps if step.journey_id == newest]
    for states in ((StepState.READY,), (StepState.HANDED_OFF,)):
        found = next((step for step in of_newest if step.state in states), None)
        if found is not None:
            return _cue(found)
    return None


def _cue(step: StepRun) -> Cue:
    version = step.journey.version
    spec = step_spec(step=step, spec=spec_of(version))
    return Cue(
        key=step.key,
        title=step.title,
        owner=step.owner,
        sheet=version.cue_sheet.title,
        version=version.number,
        draft=spec.draft,
    )


def known_of(case: Case) -> Known:
    """Return what may stand in a draft: what answered calls named, and what the customer said."""
    confirmed: dict[str, str] = {}
    for call in list_calls(case=case):
        if call.state == CallState.SUCCEEDED and not call.refused:
            named = {name: call.arguments.get(name) for name in _NAMING}
            confirmed.update({name: str(value) for name, value in named.items() if value})
    if case.customer is not None and case.customer.name:
        confirmed["customer"] = case.customer.name
    said = latest_classification(case=case)
    entities: list[dict[str, Any]] = said.entities if said else []
    claimed = {str(one["kind"]): str(one["value"]) for one in reversed(entities)}
    return Known(confirmed=confirmed, claimed=claimed)


def past_cases(case: Case) -> list[PastCase]:
    """Return the newest resolved cases of the same need and queue, the likeness still to judge."""
    if not case.intent:
        return []
    rows = Case.objects.filter(
        queue_id=case.queue_id,
        intent=case.intent,
        status__in=[CaseStatus.RESOLVED, CaseStatus.CLOSED],
    ).exclude(pk=case.pk)
    return [
        PastCase(public_id=str(one.public_id), label=one.label, stems=stems_of(one.subject))
        for one in rows.only("public_id", "subject").order_by("-pk")[:LOOKED_AT]
    ]


def steps_of(case: Case) -> list[StepRun]:
    """Return the steps of a case with their journeys, plans at hand."""
    return list(list_steps(case=case).defer(None))


def at_the_desk(actor: Actor) -> Authority:
    """Return what assist searches with: what anybody at the desk may read, and nothing else."""
    return Authority(actor=actor, active=True, roles=frozenset({Role.HUMAN_AGENT}))


def list_offered(*, case: Case) -> QuerySet[SuggestionRecord]:
    """Return what is suggested now, as it was made."""
    rows = SuggestionRecord.objects.filter(case=case, state=SuggestionState.OFFERED)
    return rows.select_related("message").order_by("pk")


def list_suggestions(*, case: Case) -> QuerySet[SuggestionRecord]:
    """Return everything that was suggested on a case, oldest first."""
    return SuggestionRecord.objects.filter(case=case).select_related("message").order_by("pk")


def get_suggestion(*, case: Case, suggestion_id: UUID) -> SuggestionRecord:
    """Return one suggestion of a case.

    Raises:
        NotFoundError: The case has none of this id.
    """
    found = SuggestionRecord.objects.filter(case=case, public_id=suggestion_id).first()
    if found is None:
        raise NotFoundError(_("This case has no such suggestion."), code="not_found.suggestion")
    return found


def find_pause(*, case: Case) -> AssistPause | None:
    """Return that assist is paused on a case, or None."""
    return list_pauses(case=case).first()


def list_pauses(*, case: Case) -> QuerySet[AssistPause]:
    """Return that assist is paused on a case: one row, or none."""
    return AssistPause.objects.filter(case=case).order_by("pk")
