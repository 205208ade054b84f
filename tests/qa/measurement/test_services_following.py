"""Reading on in any pieces comes to the bytes of reading all at once."""

import random
from datetime import date, timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command

from qa.measurement.columns.codes import LEFT_OUT, code_of
from qa.measurement.models import (
    MeasureCursor,
    MeasuredCase,
    MeasuredFact,
    MeasuredMix,
    MeasuredWord,
    MetricCell,
)
from qa.measurement.reading import read_cases
from qa.measurement.selectors import position, select_cases
from qa.measurement.services import follow_ledger, rebuild
from qa.measurement.types import Cohort, LeftOut
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

pytestmark = pytest.mark.django_db

LATER = BEGIN + timedelta(days=60)
FACTS = [one for one in apps.get_models() if issubclass(one, MeasuredFact)]


def stored() -> list[tuple[object, ...]]:
    """Every column of every fact but the keys that the database gives, a case after the other."""
    columns = [one.name for one in MeasuredCase._meta.fields if one.name != "id"]
    found: list[tuple[object, ...]] = list(
        MeasuredCase.objects.order_by("case").values_list(*columns)
    )
    for model in FACTS:
        own = [one.name for one in model._meta.fields if one.name not in ("id", "case")]
        rows = model._default_manager.order_by("case__case", "id")
        found += [(model.__name__, *row) for row in rows.values_list("case__case", *own)]
    for words in (MeasuredMix, MeasuredWord):
        found += sorted(words._default_manager.values_list())
    return found


@pytest.mark.parametrize("seed", range(8))
def test_in_any_pieces_it_comes_to_what_a_rebuild_makes(seed: int) -> None:
    story, dice = Story(seed), random.Random(seed)  # noqa: S311
    for _turn in range(24):
        story.act()
        if dice.random() < 0.4:
            place(story.at)
            follow_ledger(now=story.at, window=dice.randint(1, 9), most=dice.randint(1, 3))
    place(story.at)
    while follow_ledger(now=LATER, window=dice.randint(1, 9)):
        continue
    pieces = stored()
    assert MeasuredCase.objects.count() == len(story.state)
    assert rebuild(now=LATER) == len(story.state)
    # What no case is told apart by any more is named no longer; nothing else differs.
    assert set(stored()) <= set(pieces)
    kept = [row for row in pieces if row in set(stored())]
    assert kept == stored()
    assert all(isinstance(row[0], int) for row in set(pieces) - set(stored()))


def test_every_cell_that_an_entry_touches_becomes_stale() -> None:
    open_case(1, BEGIN, customer="anna")
    place(BEGIN)
    follow_ledger(now=LATER)
    monday = BEGIN.date()
    for begin, weeks in ((monday, 1), (monday - timedelta(weeks=3), 4), (monday, 4)):
        make_cell(begin, weeks)
    far = make_cell(monday - timedelta(weeks=9), 1)
    resolve(case_id(1), BEGIN + timedelta(hours=2))
    place(LATER)
    follow_ledger(now=LATER)
    far.refresh_from_db()
    assert not far.is_stale
    assert MetricCell.objects.filter(is_stale=True).count() == 3


def test_a_return_touches_the_week_of_the_resolution_it_comes_after() -> None:
    open_case(1, BEGIN, customer="anna")
    resolve(case_id(1), BEGIN + timedelta(hours=2))
    place(BEGIN)
    follow_ledger(now=LATER)
    cell = make_cell(BEGIN.date(), 1)
    open_case(2, BEGIN + timedelta(days=20), customer="anna")
    place(LATER)
    follow_ledger(now=LATER)
    cell.refresh_from_db()
    assert cell.is_stale


def make_cell(begin: date, weeks: int) -> MetricCell:
    return MetricCell.objects.create(
        key="x", version=1, begin=begin, weeks=weeks, computed_at=BEGIN, upto_index=0, body={}
    )


def test_a_merge_takes_the_case_out_and_taking_it_back_brings_it_in_again() -> None:
    one = open_case(1, BEGIN)
    two = open_case(2, BEGIN + timedelta(hours=5))
    merged_at = BEGIN + timedelta(hours=6)
    write(one, "case.merged", merged_at, by=BEN, subject=two, survivor="", reason="")
    write(two, "case.took_in", merged_at, by=BEN, subject=one, absorbed="", reason="")
    place(merged_at)
    follow_ledger(now=LATER)
    rows = {str(row.case): row for row in MeasuredCase.objects.all()}
    assert rows[one].left_out == code_of(LeftOut.MERGED, LEFT_OUT)
    assert rows[two].opened_at == BEGIN
    assert rows[two].measuredcontact_set.count() == 2
    write(one, "case.unmerged", LATER, by=BEN, subject=two, survivor="", reason="")
    write(two, "case.gave_back", LATER, by=BEN, subject=one, absorbed="", reason="")
    place(LATER)
    follow_ledger(now=LATER)
    rows = {str(row.case): row for row in MeasuredCase.objects.all()}
    assert rows[one].left_out == 0
    assert rows[two].opened_at == BEGIN + timedelta(hours=5)


def test_what_was_known_at_a_past_moment() -> None:
    case = open_case(1, BEGIN)
    resolve(case, BEGIN + timedelta(hours=2))
    come_back(case, BEGIN + timedelta(hours=9), "again")
    place(LATER)
    size = 100
    then = read_cases(cases=[case], end=size, until=BEGIN + timedelta(hours=3))
    now = read_cases(cases=[case], end=size)
    assert [len(found[case][0].episodes) for found in (then, now)] == [1, 2]
    assert read_cases(cases=[case], end=size, until=BEGIN - timedelta(hours=1)) == {}


def test_which_cases_may_belong_to_a_period() -> None:
    for number, day in ((1, 0), (2, 3), (3, 20)):
        open_case(number, BEGIN + timedelta(days=day), customer=f"cust-{number % 2}")
    resolve(case_id(1), BEGIN + timedelta(days=2))
    write(case_id(1), "case.closed", BEGIN + timedelta(days=4), by=BEN)
    place(LATER)
    follow_ledger(now=LATER)
    begin, end = BEGIN + timedelta(days=1), BEGIN + timedelta(days=7)

    def chosen(cohort: Cohort, *, customers: bool = False) -> set[str]:
        found = select_cases(cohort=cohort, begin=begin, end=end, with_customers=customers)
        return {str(UUID(bytes=one.tobytes())) for one in found.cases.name}

    assert chosen(Cohort.OPENED) == {case_id(2)}
    assert chosen(Cohort.RESOLVED) == {case_id(1)}
    assert chosen(Cohort.RESOLVED, customers=True) == {case_id(1), case_id(3)}
    assert chosen(Cohort.CLOSED) == {case_id(1)}
    assert chosen(Cohort.HANDLED) == {case_id(1), case_id(2)}


def test_the_command_reads_on_and_makes_again() -> None:
    open_case(1, BEGIN)
    place(LATER)
    said = StringIO()
    call_command("metrics", "follow", stdout=said)
    call_command("metrics", "follow", stdout=said)
    call_command("metrics", "rebuild", stdout=said)
    assert said.getvalue().splitlines() == ["places=4", "places=0", "cases=1"]
    found = position()
    assert found is not None
    assert found.next_index == 4
    assert MeasureCursor.objects.count() == 1
