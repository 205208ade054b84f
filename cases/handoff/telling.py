"""Who is told that a case waits for a person; filled into the registry of notifications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.handoff import consults, entries
from cases.handoff.consults import people_of
from cases.handoff.models import Handoff
from cases.handoff.skilled import skilled_among
from cases.handoff.types import HandoffState
from cases.memory.models import Case
from governance.access.models import Queue
from governance.access.types import Capability, Role
from governance.notifications.registry import NoticeRule
from governance.notifications.telling.people import only, who_may
from governance.notifications.types import Ends, Happened, Telling, Told, Topic, Why

SUBJECT: Final = "handoff"


def is_open(handoff_id: str) -> bool:
    """Return whether a handoff still waits for somebody to take it."""
    return Handoff.objects.filter(public_id=handoff_id, state=HandoffState.OFFERED).exists()


def tell_queue(happened: Happened, now: datetime) -> Telling | None:
    """Tell everybody who may take the case over; supervisors where nobody has what it asks for."""
    del now
    handoffs = Handoff.objects.select_related("case").filter(public_id=UUID(happened.subject_id))
    handoff = handoffs.filter(state=HandoffState.OFFERED).first()
    if handoff is None:
        return None
    able = who_may(
        Capability.HANDOFF_ACCEPT,
        queue_id=handoff.queue_id,
        roles=[handoff.role] if handoff.role else [],
    )
    skilled = skilled_among(handoff=handoff, people=sorted(able))
    if able and not skilled:
        supervisors = [str(Role.SUPERVISOR)]
        skilled = frozenset(
            who_may(Capability.HANDOFF_ACCEPT, queue_id=handoff.queue_id, roles=supervisors)
        )
    told = [Told(person, Why.WORKS_QUEUE) for person in sorted(skilled)]
    return Telling(
        people=only(told, besides=happened.actor_id),
        label=handoff.case.label,
        page="case",
        page_id=str(handoff.case.public_id),
        queue_id=handoff.queue_id,
        deadline_at=handoff.reply_due_at,
    )


def tell_asked(happened: Happened, now: datetime) -> Telling | None:
    """Tell the one person who was asked, or everybody of the queue who may read the case."""
    del now
    case = _case_of(happened)
    if case is None or not consults.is_open(happened.subject_id):
        return None
    named = str(happened.payload.get("person", ""))
    queue = Queue.objects.filter(key=str(happened.payload.get("queue_key", ""))).first()
    of_queue = people_of(queue=queue, case=case) if queue else set()
    told = [Told(one, Why.WORKS_QUEUE) for one in sorted(of_queue)]
    return _about(case, only([Told(named, Why.ASKED), *told], besides=happened.actor_id))


def tell_asker(happened: Happened, now: datetime) -> Telling | None:
    """Tell the person who asked; an AI agent reads the answer in the case."""
    del now
    case = _case_of(happened)
    asker = str(happened.payload.get("asker", ""))
    if case is None or not asker:
        return None
    return _about(case, only([Told(asker, Why.YOURS)], besides=happened.actor_id))


def _case_of(happened: Happened) -> Case | None:
    return Case.objects.filter(public_id=happened.stream.removeprefix("case:")).first()


def _about(case: Case, people: tuple[Told, ...]) -> Telling:
    return Telling(
        people=people,
        label=case.label,
        page="case",
        page_id=str(case.public_id),
        queue_id=case.queue_id,
    )


RULES: Final[Mapping[str, NoticeRule]] = {
    entries.HANDOFF_OFFERED: NoticeRule(
        Topic.HANDOFF, _("{label} waits for a person"), tell_queue, asks=True
    ),
    entries.HANDOFF_TIMED_OUT: NoticeRule(
        Topic.HANDOFF, _("{label} was not taken in time"), tell_queue, asks=True
    ),
    entries.HANDOFF_REFUSED: NoticeRule(
        Topic.HANDOFF, _("{label} was not taken; it waits on"), tell_queue, asks=True
    ),
    entries.HANDOFF_ACCEPTED: NoticeRule(
        Topic.HANDOFF, _("{label} was taken over"), ends=Ends.FOR_ALL
    ),
    entries.CONSULTED: NoticeRule(
        Topic.HANDOFF, _("{label}: a colleague asks for a word"), tell_asked, asks=True
    ),
    entries.CONSULT_ANSWERED: NoticeRule(
        Topic.HANDOFF, _("{label}: what you asked was answered"), tell_asker, ends=Ends.FOR_ALL
    ),
    entries.HANDOFF_RETURNED: NoticeRule(
        Topic.HANDOFF, _("{label} was given back"), ends=Ends.FOR_ALL
    ),
}
