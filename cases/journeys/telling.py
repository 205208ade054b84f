"""Who is told that a cue was missed; filled into the registry of notifications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.journeys import entries
from cases.journeys.models import StepRun
from cases.journeys.rules import AI_OWNER
from cases.journeys.types import JourneyState, StepState
from governance.access.types import Capability, Role
from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import only, who_may
from governance.notifications.types import Happened, Telling, Told, Topic, Why
from governance.skills.rules import able_to
from governance.skills.selectors import keys_by_person

SUBJECT: Final = "step"
_OPEN = (StepState.READY, StepState.RUNNING, StepState.WAITING)


def is_open(step_id: str) -> bool:
    """Return whether a missed cue still waits to be done."""
    return StepRun.objects.filter(
        public_id=step_id, state__in=_OPEN, journey__state=JourneyState.RUNNING
    ).exists()


def tell_owner(happened: Happened, now: datetime) -> Telling | None:
    """Remind the people whose role does the cue and who have what it asks for.

    Supervisors are reminded of the AI's, and where there is nobody.
    """
    del now
    rows = StepRun.objects.select_related("journey__case").filter(
        public_id=UUID(happened.subject_id), state__in=_OPEN
    )
    step = rows.first()
    if step is None:
        return None
    case = step.journey.case
    roles = [] if step.owner == AI_OWNER else [step.owner]
    able = who_may(Capability.CASE_WORK, queue_id=case.queue_id, roles=roles) if roles else {}
    asked = [skill.key for skill in step.skills.filter(retired_at=None)]
    if asked and able:
        skilled = able_to(asked, keys_by_person(person_ids=sorted(able)))
        able = {person: what for person, what in able.items() if person in skilled}
    if not able:
        able = who_may(Capability.CASE_WORK, queue_id=case.queue_id, roles=[str(Role.SUPERVISOR)])
    told = [Told(person, Why.WORKS_QUEUE) for person in sorted(able)]
    return Telling(
        people=only(told, besides=happened.actor_id),
        label=case.label,
        page="case",
        page_id=str(case.public_id),
        queue_id=case.queue_id,
        deadline_at=step.escalates_at,
    )


RULES: Final[Mapping[str, NoticeRule]] = {
    entries.STEP_MISSED: NoticeRule(
        Topic.HANDOFF, _("{label}: a cue is past its deadline"), tell_owner, asks=True
    ),
}
