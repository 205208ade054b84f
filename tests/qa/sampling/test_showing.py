"""What a list of samples shows of each, counted for the samples of a page only."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qa.sampling.models import DrawnUnit
from qa.sampling.showing import list_periods
from qa.sampling.types import ReplacedFor
from tests.conftest import NOW
from tests.factories.sampled import WEEK, draw_units, make_period, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def test_what_was_drawn_and_lost_is_counted_by_the_period() -> None:
    full, thin, none = (make_period(starts_at=NOW - number * WEEK) for number in range(3))
    first, lost, _third = draw_units(full, {"low": [make_unit() for _n in range(4)]}, {"low": 3})
    draw_units(thin, {"low": [make_unit()]}, {"low": 1})
    DrawnUnit.objects.filter(pk=lost.pk).update(lost_for=ReplacedFor.TEXT_ERASED, lost_at=NOW)
    DrawnUnit.objects.create(
        period=full,
        unit=make_unit(),
        replaces=lost,
        stratum=first.stratum,
        place=4,
        number=first.number,
        size_of_stratum=4,
        drawn_of_stratum=3,
    )
    with CaptureQueriesContext(connection) as asked:
        found = [(one.pk, one.count, one.lost) for one in list_periods()]
    assert found == [(full.pk, 3, 1), (thin.pk, 1, 0), (none.pk, 0, 0)]
    assert len(asked) == 1


def test_a_page_of_samples_counts_the_units_of_no_other_sample() -> None:
    periods = [make_period(starts_at=NOW - number * WEEK) for number in range(6)]
    for period in periods:
        draw_units(period, {"low": [make_unit() for _n in range(3)]}, {"low": 3})
    page = list_periods().order_by("-pk")[:2]
    assert [one.count for one in page] == [3, 3]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = page.explain(analyze=True, timing=False, costs=False)
        units = [line for line in plan.splitlines() if "on qa_drawnunit" in line]
        assert units
        assert all("rows=3 loops=2" in line or "rows=0 loops=2" in line for line in units), plan
    # One that is grouped is counted whole before its page is cut.
    assert page.query.group_by is None
