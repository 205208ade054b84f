"""Sums by the day are what the rows say, whichever way and however late they came."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.memory.services import move_case
from governance.access.selectors import authority_of
from governance.access.types import Authority, Role
from governance.ledger.services import sequence
from orchestra.core.together import answer
from qa.figures import services
from qa.figures.models import FrameSum
from qa.figures.selectors import read_periods
from qa.figures.services import summing
from qa.figures.waiting import reading_coverage
from qa.findings import services as findings
from qa.findings.models import CheckSum, Finding, UnitCheck
from qa.findings.selectors import Wanted, list_licences, tally
from qa.findings.types import FindingState
from qa.population import selectors as population
from qa.population.models import DayMark, SamplingUnit
from qa.population.services import follow_ledger, leave_out, mark_days
from qa.population.types import Flag
from tests.conftest import NOW
from tests.factories.access import make_person, make_queue
from tests.factories.cases import FACTORY
from tests.factories.checked import make_talk
from tests.factories.sampled import WEEK
from tests.factories.weeks import make_week

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
BROKEN = "ai: I am an AI assistant. I have cancelled it. Anything else?"
RUDE = "ai: I am an AI assistant. Calm down. Anything else?"
DAY = timedelta(days=1)


def lead() -> Authority:
    return authority_of(make_person(roles=[Role.QA_LEAD]).as_actor())


def shown(reader: Authority, **wanted: Any) -> Any:
    """Return all that pages read, as values."""
    found = tally(authority=reader, wanted=Wanted(**wanted), licences=list_licences())
    periods = read_periods(plan="weekly", as_of=NOW)
    standing = population.sums_standing()
    coverage = [
        answer(reading_coverage(period=one.period, total=12, standing=standing)) for one in periods
    ]
    return replace_as_of(found), periods, coverage


def replace_as_of(found: Any) -> Any:
    return replace(found, as_of=None)


def as_they_are(reader: Authority, **wanted: Any) -> Any:
    """Return the same, counted from the rows themselves."""
    kept = list(population.PopulationReader.objects.filter(name=population.SUMS))
    population.PopulationReader.objects.filter(name=population.SUMS).delete()
    found = shown(reader, **wanted)
    population.PopulationReader.objects.bulk_create(kept)
    return found


def sums() -> list[Any]:
    days = {*CheckSum.objects.values_list("day", flat=True)}
    days |= {*FrameSum.objects.values_list("day", flat=True)}
    return [(day, summing._of(day)) for day in sorted(days)]


def talks() -> list[SamplingUnit]:
    return [
        make_talk("customer: Hi", line, started_at=NOW - 3 * WEEK + place * DAY, ai_version=version)
        for place, (line, version) in enumerate(
            [(BROKEN, "bot 1"), (RUDE, "bot 1"), (RUDE, "bot 2"), (BROKEN, "")] * 3
        )
    ]


def test_made_bit_by_bit_they_are_what_is_made_at_once_with_late_and_corrected_events() -> None:
    reader = lead()
    period, _drawn = make_week(NOW - 2 * WEEK)
    units = talks()
    assert services.sum_days(now=NOW) > 10
    # What comes late, to days that are summed already.
    findings.run_due(now=NOW)
    assert services.sum_days(now=NOW) == 12
    found = Finding.objects.order_by("pk")[1]
    findings.settle_finding(
        actor=reader.actor, now=NOW, finding_id=found.public_id, state=FindingState.CONFIRMED
    )
    services.sum_days(now=NOW)
    # What is corrected.
    findings.reopen_finding(actor=reader.actor, now=NOW, finding_id=found.public_id)
    leave_out(
        actor=make_person(roles=[Role.QA_LEAD]).as_actor(), now=NOW, subject=units[0].subject,
        flag=Flag.TEST, reason="A test call.",
    )  # fmt: skip
    services.sum_days(now=NOW)
    assert not DayMark.objects.exists()
    kept, told = sums(), shown(reader)
    assert told[0].coverage.ended == 23
    assert told == as_they_are(reader)
    assert told[1][0].strata[0].size == 6
    assert services.rebuild_sums(now=NOW).differing == ()
    assert sums() == kept
    assert FrameSum.objects.filter(period=period).exists()


def test_what_changed_since_is_read_as_it_is_until_its_day_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = lead()
    talks()
    services.sum_days(now=NOW)
    assert tally(authority=reader, wanted=Wanted(), licences={}).coverage.checked == 0
    monkeypatch.setattr(population, "MOST_COUNTED_DAYS", 30)
    findings.run_due(now=NOW)
    found = tally(authority=reader, wanted=Wanted(), licences={})
    assert (found.coverage.checked, found.as_of) == (12, None)
    assert shown(reader) == as_they_are(reader)
    # More days than are counted as they are: those beyond are of before, and it says so.
    monkeypatch.setattr(population, "MOST_COUNTED_DAYS", 2)
    found = tally(authority=reader, wanted=Wanted(), licences={})
    assert (found.coverage.checked, found.as_of) == (2, NOW)
    services.sum_days(now=NOW)
    found = tally(authority=reader, wanted=Wanted(), licences={})
    assert (found.coverage.checked, found.as_of) == (12, None)


def test_a_span_and_a_version_narrow_sums_as_they_narrow_rows() -> None:
    reader = lead()
    talks()
    findings.run_due(now=NOW)
    services.sum_days(now=NOW)
    begins = (NOW - 3 * WEEK).replace(hour=0, minute=0, second=0, microsecond=0)
    for wanted in (
        {"since": begins + 2 * DAY, "until": begins + 9 * DAY},
        {"ai_version": "bot 1"},
        # No whole days: counted from the rows.
        {"since": NOW - 2 * WEEK},
    ):
        assert shown(reader, **wanted) == as_they_are(reader, **wanted)


def test_a_case_that_moves_is_counted_for_those_who_may_read_it_then() -> None:
    unit = make_talk("customer: Hi", RUDE)
    findings.run_due(now=NOW)
    services.sum_days(now=NOW)
    before, after = unit.case.queue, make_queue()
    assert CheckSum.objects.filter(queue=before).exists()
    move_case(actor=FACTORY, now=NOW, case=unit.case, queue=after, reason="It belongs there.")
    sequence(now=NOW)
    follow_ledger(now=NOW)
    assert DayMark.objects.exists()
    services.sum_days(now=NOW)
    assert not CheckSum.objects.filter(queue=before).exists()
    assert CheckSum.objects.filter(queue=after, what="finding").get().count == 1


def test_a_mark_that_comes_while_a_day_is_made_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    unit = make_talk("customer: Hi", RUDE)
    services.sum_days(now=NOW)
    mark_days(now=NOW, ended=[unit.ended_at])

    def meanwhile(*, day: Any) -> None:
        del day
        mark_days(now=NOW, ended=[unit.ended_at])

    monkeypatch.setattr(summing, "sum_checks_of", meanwhile)
    services.sum_days(now=NOW)
    assert DayMark.objects.count() == 1


def test_the_command_says_what_changed_without_a_mark() -> None:
    unit = make_talk("customer: Hi", RUDE)
    findings.run_due(now=NOW)
    services.sum_days(now=NOW)
    told = StringIO()
    call_command("quality", "sums", stdout=told)
    assert told.getvalue() == "days=1 differing=0\n"
    UnitCheck.objects.filter(unit=unit, check_key="tone").update(result="fine")
    with pytest.raises(CommandError, match=f"{unit.ended_at:%Y-%m-%d}"):
        call_command("quality", "sums", stdout=told)
    call_command("quality", "sums", stdout=told)


def test_statements_do_not_grow_with_rows_or_days() -> None:
    reader = lead()
    make_week(NOW - 2 * WEEK)
    findings.run_due(now=NOW)
    services.sum_days(now=NOW)
    few = counted(lambda: shown(reader))
    talks()
    findings.run_due(now=NOW)
    services.sum_days(now=NOW)
    assert counted(lambda: shown(reader)) == few


def counted(read: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        read()
    return len(asked)
