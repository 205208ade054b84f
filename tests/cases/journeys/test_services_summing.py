"""Sums of journeys by the day are what the journeys say, however the ledger told of them."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import tasks
from cases.journeys import counting, services, sums
from cases.journeys.models import CueSheetVersion, Journey, JourneyReader, JourneySum, StepRun
from cases.journeys.services import summing
from cases.memory.models import Case
from cases.memory.services import move_case
from governance.access.selectors import authority_of
from governance.access.types import Authority
from governance.ledger.services import sequence
from orchestra.core import clock
from tests.factories.access import make_person, make_queue
from tests.factories.cases import FACTORY
from tests.factories.retail import Centre

ORDER = "Please cancel order #W9373487, I no longer need it."


def maren(centre: Centre) -> Authority:
    return authority_of(centre.people["maren"].as_actor())


def read_on(centre: Centre, later: timedelta = timedelta()) -> int:
    now = centre.clock() + later
    sequence(now=now)
    return services.sum_journeys(now=now)


def shown(centre: Centre, *, is_summed: bool, later: timedelta = timedelta(), **asked: Any) -> Any:
    """Return all that pages read, as values."""
    now = centre.clock() + later
    given: Any = {"since": sums.day_begins(now - timedelta(days=14)), "is_summed": is_summed}
    given["authority"] = asked.pop("authority", None) or maren(centre)
    shares = counting.failed_shares(**given)
    given |= {"now": now, **asked}
    cues = [
        counting.count_cues(version=version, **given)
        for version in CueSheetVersion.objects.order_by("pk")
    ]
    return counting.count_sheets(**given), cues, shares


def test_read_bit_by_bit_they_are_what_the_journeys_say(centre: Centre, case: Case) -> None:
    assert sums.summed_at() is None
    assert read_on(centre) == 1
    assert shown(centre, is_summed=True) == shown(centre, is_summed=False)
    # What begins later, and what moves on, on a day that is summed already.
    other = centre.open(ORDER).case
    centre.identify(other)
    assert read_on(centre) == 1
    assert shown(centre, is_summed=True) == shown(centre, is_summed=False)
    assert read_on(centre) == 0
    # What is late: found so by the sweep, which has its entry.
    hour = timedelta(hours=1)
    services.pass_deadlines(now=centre.clock() + hour)
    assert read_on(centre, hour) == 1
    told = shown(centre, is_summed=True, later=hour)
    assert told == shown(centre, is_summed=False, later=hour)
    version = CueSheetVersion.objects.get(journeys__case=case)
    assert told[0][version.pk].started == 2
    assert told[2] == {case.queue_id: 0.0}
    kept = JourneySum.objects.count()
    days = services.rebuild_journey_sums(now=centre.clock() + hour)
    assert days[1] == ()
    assert JourneySum.objects.count() == kept


def test_ended_ones_tell_how_long_they_took_and_old_ones_only_run(
    centre: Centre, case: Case
) -> None:
    del case
    centre.open(ORDER)
    journeys = Journey.objects.order_by("pk")
    for minutes, journey in zip((90, 31), journeys, strict=False):
        journey.state, journey.ended_at = (
            "completed", journey.started_at + timedelta(minutes=minutes, seconds=40),
        )  # fmt: skip
        journey.save()
    assert StepRun.objects.filter(key="identify", state="ready").update(state="failed")
    read_on(centre)
    assert shown(centre, is_summed=True) == shown(centre, is_summed=False)
    found, _cues, shares = shown(centre, is_summed=True)
    assert [0 < share < 1 for share in shares.values()] == [True]
    taken = sorted(one.median_hours for one in found.values() if one.timed)
    assert [round(hours, 2) for hours in taken] in ([0.52, 1.5], [1.01])
    month = timedelta(days=30)
    assert shown(centre, is_summed=True, later=month) == shown(centre, is_summed=False, later=month)


def test_a_case_that_moves_is_counted_for_those_who_may_read_it_then(
    centre: Centre, case: Case
) -> None:
    read_on(centre)
    nobody = authority_of(make_person("nobody").as_actor())
    assert shown(centre, is_summed=True, authority=nobody)[0] == {}
    queue = make_queue()
    move_case(actor=FACTORY, now=centre.clock(), case=case, queue=queue, reason="It belongs there.")
    assert read_on(centre) == 1
    assert shown(centre, is_summed=True) == shown(centre, is_summed=False)
    named = {"queue": queue.key}
    assert shown(centre, is_summed=True, **named) == shown(centre, is_summed=False, **named)


def test_a_window_that_ends_in_the_middle_is_gone_on_from(
    centre: Centre, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    del case
    read_on(centre)
    begun = JourneyReader.objects.get().next_index
    centre.identify(centre.open(ORDER).case)
    sequence(now=centre.clock())
    monkeypatch.setattr(summing, "MOST_WINDOWS", 1)
    services.sum_journeys(now=centre.clock(), window=2)
    assert JourneyReader.objects.get().next_index == begun + 2
    monkeypatch.undo()
    services.sum_journeys(now=centre.clock(), window=2)
    assert shown(centre, is_summed=True) == shown(centre, is_summed=False)


def test_the_command_says_what_changed_without_an_entry(centre: Centre, case: Case) -> None:
    del case
    sequence(now=centre.clock())
    tasks.sum_journeys()
    told = StringIO()
    call_command("journeys", "sums", stdout=told)
    assert told.getvalue() == "days=1 differing=0\n"
    StepRun.objects.filter(state="ready").update(state="failed")
    with pytest.raises(CommandError, match="were not what they are now"):
        call_command("journeys", "sums", stdout=told)
    assert sums.summed_at() is not None
    assert clock.now() >= sums.summed_at()  # type: ignore[operator]


def test_statements_do_not_grow_with_journeys(centre: Centre, case: Case) -> None:
    del case
    read_on(centre)
    few = counted(lambda: shown(centre, is_summed=True))
    for _number in range(3):
        centre.open(ORDER)
    read_on(centre)
    assert counted(lambda: shown(centre, is_summed=True)) == few


def counted(read: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        read()
    return len(asked)
