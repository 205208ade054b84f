"""The hours of the centre: set in versions, refused with every fault named."""

from datetime import UTC, date, datetime

import pytest

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from qa.calendars.models import CalendarVersion
from qa.calendars.selectors import list_changes
from qa.calendars.services import set_calendar
from qa.calendars.types import Calendar, Change, Exceptional, Opening
from tests.factories.access import make_person

pytestmark = pytest.mark.django_db

SET_UP = system("set-up")
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 7, 1, tzinfo=UTC)
HOURS = Calendar(
    "Europe/Berlin",
    ((Opening(540, 1020),),) * 5 + ((), ()),
    (Exceptional(date(2026, 12, 25), name="Christmas"),),
)
LONGER = Calendar("Europe/Berlin", ((Opening(480, 1200),),) * 7)


def test_versions_follow_each_other_and_come_back_as_values() -> None:
    set_calendar(actor=SET_UP, now=SINCE, since=SINCE, calendar=HOURS)
    lead = make_person(roles=[Role.QA_LEAD]).as_actor()
    set_calendar(actor=lead, now=LATER, since=LATER, calendar=LONGER)
    assert list_changes() == (Change(SINCE, HOURS), Change(LATER, LONGER))
    assert LedgerEntry.objects.filter(kind="business_calendar.set").count() == 2


def test_faults_are_named_and_nothing_changes() -> None:
    with pytest.raises(InvalidInputError) as refused:
        set_calendar(actor=SET_UP, now=SINCE, since=SINCE, calendar=Calendar("Nowhere", ()))
    assert {one.field for one in refused.value.errors} == {"time_zone", "week"}
    assert not CalendarVersion.objects.exists()
    assert not LedgerEntry.objects.filter(kind="business_calendar.set").exists()


def test_the_past_is_not_written_again() -> None:
    set_calendar(actor=SET_UP, now=LATER, since=LATER, calendar=HOURS)
    for since in (SINCE, LATER):
        with pytest.raises(ConflictError):
            set_calendar(actor=SET_UP, now=LATER, since=since, calendar=LONGER)
    assert list_changes() == (Change(LATER, HOURS),)


@pytest.mark.parametrize("who", ["agent", "person"])
def test_who_may_not_set_them(who: str) -> None:
    actor = (
        Actor(ActorKind.AGENT, "bot", "Bot")
        if who == "agent"
        else make_person(roles=[Role.HUMAN_AGENT]).as_actor()
    )
    with pytest.raises(NotPermittedError):
        set_calendar(actor=actor, now=SINCE, since=SINCE, calendar=HOURS)
    assert not CalendarVersion.objects.exists()
