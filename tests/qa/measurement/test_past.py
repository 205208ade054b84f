"""The numbers of a past moment, from the entries that were recorded by then."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from orchestra.core.errors import InvalidInputError
from qa.measurement.models import MetricCell
from qa.measurement.moments import parse_as_of
from qa.measurement.past import figures_as_of
from qa.measurement.services import compute_due, follow_ledger
from qa.measurement.services.computing import HEADLINE_WEEKS
from qa.measurement.showing import Shown
from tests.factories.measured import (
    BEGIN,
    BEN,
    Story,
    case_id,
    come_back,
    open_case,
    place,
    resolve,
    write,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

#: The week of ``BEGIN`` is the last of the four that are told.
THEN = BEGIN + timedelta(days=8)
LATER = THEN + timedelta(days=2)


def figures(shown: list[Shown]) -> dict[str, dict[str, object]]:
    return {one.spec.key: one.now.body["figure"] for one in shown if one.now is not None}


def test_a_merge_that_came_later_has_not_happened_yet() -> None:
    for number in (1, 2):
        open_case(number, BEGIN + timedelta(hours=number), customer=f"cust-{number}")
        resolve(case_id(number), BEGIN + timedelta(hours=number + 3), by=BEN)
    at = THEN + timedelta(hours=5)
    write(case_id(1), "case.merged", at, by=BEN, subject=case_id(2), survivor="", reason="")
    write(case_id(2), "case.took_in", at, by=BEN, subject=case_id(1), absorbed="", reason="")
    place(LATER)
    follow_ledger(now=LATER)
    then, later = (figures(figures_as_of(at=one)) for one in (THEN, LATER))
    times = "time_to_resolution"
    assert (then[times]["n"], then[times]["left_out"]) == (2, {})
    assert (later[times]["n"], later[times]["left_out"]) == (1, {"merged": 1})


def test_a_return_counts_from_when_it_was_recorded() -> None:
    open_case(1, BEGIN, customer="anna")
    resolve(case_id(1), BEGIN + timedelta(days=4), by=BEN)
    come_back(case_id(1), THEN + timedelta(hours=3), "again")
    place(LATER)
    follow_ledger(now=LATER)
    hits = [figures(figures_as_of(at=one))["recontact_rate"]["hits"] for one in (THEN, LATER)]
    assert hits == [0, 1]


def test_as_of_now_it_is_what_the_cells_hold() -> None:
    story = Story(3, cases=6)
    while story.at < BEGIN + timedelta(days=24):
        story.act()
    place(story.at)
    follow_ledger(now=story.at)
    compute_due(now=story.at)
    for one in figures_as_of(at=story.at):
        assert one.now is not None
        cell = MetricCell.objects.get(key=one.spec.key, begin=one.now.begin, weeks=HEADLINE_WEEKS)
        # Contacts that are no return are counted among the cases that were read, here of 8 weeks.
        names = ("value", "interval", "n", "hits", "open")
        told = one.now.body["figure"]
        assert {name: told[name] for name in names} == {
            name: cell.body["figure"][name] for name in names
        }


def test_no_more_cases_are_read_than_somebody_can_wait_for() -> None:
    for number in (1, 2):
        open_case(number, BEGIN, customer="anna")
    place(BEGIN)
    with pytest.raises(InvalidInputError, match="2 cases"):
        figures_as_of(at=THEN, most=1)


def test_the_command_tells_them() -> None:
    open_case(1, BEGIN)
    place(THEN)
    said = StringIO()
    call_command("metrics", "show", "--as-of", THEN.date().isoformat(), stdout=said)
    lines = said.getvalue().splitlines()
    assert lines[0].startswith("metric=recontact_rate begin=2026-08-17 weeks=4")
    assert any("metric=time_to_resolution" in one and " n=1 " in one for one in lines)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-31", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-10-31T12:00:00+01:00", datetime(2026, 10, 31, 11, tzinfo=UTC)),
    ],
)
def test_a_day_is_meant_to_its_end(text: str, moment: datetime) -> None:
    assert parse_as_of(text) == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-10-31T12:00:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="zone"):
        parse_as_of(text)
