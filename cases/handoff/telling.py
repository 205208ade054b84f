"""Who is told that a case waits for a person; filled into the registry of notifications."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from cases.handoff import entries
from cases.handoff.models import Handoff
from cases.handoff.skilled import skilled_among
from cases.handoff.types import HandoffState
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
    entries.HANDOFF_RETURNED: NoticeRule(
        Topic.HANDOFF, _("{label} was given back"), ends=Ends.FOR_ALL
    ),
}
