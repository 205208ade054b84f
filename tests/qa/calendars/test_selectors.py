"""The hours of the centre come back in the order in which they begin."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from orchestra.core.actors import system
from qa.calendars.selectors import list_changes
from qa.calendars.services import set_calendar
from qa.calendars.types import Calendar, Opening

pytestmark = pytest.mark.django_db
SINCE = datetime(2026, 1, 1, tzinfo=UTC)


def test_hours_come_back_in_their_order(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assert list_changes() == ()
    for number in range(3):
        since = SINCE + timedelta(days=30 * number)
        hours = Calendar("Europe/Berlin", ((Opening(480, 1020 + number),),) * 7)
        set_calendar(actor=system("set-up"), now=since, since=since, calendar=hours)
    with django_assert_num_queries(1):
        found = list_changes()
    assert [change.since for change in found] == sorted(change.since for change in found)
    assert [change.calendar.week[0][0].end for change in found] == [1020, 1021, 1022]
