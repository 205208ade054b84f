"""End the contacts of open cases in which nobody says anything more."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from cases.memory import entries
from cases.memory.locks import lock_case
from cases.memory.models import Interaction
from cases.memory.services.common import append
from cases.memory.types import OPEN_STATUSES
from governance.ledger.services import one_act
from orchestra.core.actors import system

#: A contact without a word for so long is over; who comes back begins a new one, or goes on.
IDLE_AFTER: Final = timedelta(hours=24)
_CONTACTS: Final = system("contacts")


def end_idle(*, now: datetime, batch: int = 100) -> int:
    """End the contacts of open cases that were silent for a day, and return how many.

    Each ends when that is noticed, so that what is counted by its end never falls into a time
    that was counted already. Contacts of cases that ended before are left as they stand.

    Args:
        now: When, UTC.
        batch: How many are looked at, the oldest first.
    """
    silent = _silent(now).order_by("started_at", "pk")[:batch]
    return sum(_end(contact, now) for contact in list(silent.select_related("case")))


def _silent(now: datetime) -> QuerySet[Interaction]:
    since = now - IDLE_AFTER
    rows = Interaction.objects.filter(
        case__status__in=OPEN_STATUSES, ended_at=None, started_at__lte=since
    )
    return rows.exclude(messages__at__gt=since)


@one_act()
def _end(contact: Interaction, now: datetime) -> int:
    case = lock_case(contact.case.public_id)
    # Somebody may have spoken, or ended it, before the case was locked.
    if not _silent(now).filter(pk=contact.pk, case=case).update(ended_at=now):
        return 0
    append(
        actor=_CONTACTS,
        now=now,
        case=case,
        kind=entries.INTERACTION_ENDED,
        payload={"channel": str(contact.channel), "hours": IDLE_AFTER.total_seconds() / 3600},
        subject=("interaction", str(contact.public_id)),
    )
    return 1
