"""The weeks and the parts that a target is held against."""

from datetime import UTC, datetime, timedelta

import pytest

from qa.measurement.selectors import list_in_force
from qa.measurement.selectors import spec_of as metric_of
from qa.measurement.types import Breakdown, MetricSpec
from qa.targets.parsing import parse_target
from qa.targets.selectors import cuts_of, weeks_of
from tests.factories.targets import FIRST, make_cell, target

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CHAT, MAIL = "returns / low / chat", "returns / low / email"
OTHER = "orders / low / chat"


def metric(key: str) -> MetricSpec:
    return next(metric_of(version) for version in list_in_force() if version.metric.key == key)


def test_a_week_of_one_journey_is_the_sum_of_its_strata() -> None:
    cells = [make_cell(0, (CHAT, 6, 50), (MAIL, 4, 50), (OTHER, 40, 50), now=NOW)]
    own = parse_target(document=target(metric="transfer_rate", journey="returns"))
    (found,) = weeks_of(cells, own, metric("transfer_rate"))
    assert (found.begin, found.value, found.n) == (FIRST, 10.0, 100)
    assert found.low is not None
    assert found.low < 10.0
    whole = parse_target(document=target(metric="transfer_rate"))
    (found,) = weeks_of(cells, whole, metric("transfer_rate"))
    assert (found.n, round(found.value, 1)) == (150, 33.3)


def test_weeks_of_few_and_weeks_whose_window_is_open_are_left_out() -> None:
    end = datetime(2026, 8, 17, tzinfo=UTC)
    few = make_cell(0, (CHAT, 1, 29), (OTHER, 9, 90), now=NOW)
    young = make_cell(1, (CHAT, 5, 50), now=end, key="recontact_rate")
    over = make_cell(2, (CHAT, 5, 50), now=end + timedelta(days=14), key="recontact_rate")
    own = parse_target(document=target(metric="transfer_rate", journey="returns"))
    assert weeks_of([few], own, metric("transfer_rate")) == ()
    returns = parse_target(document=target(journey="returns"))
    found = weeks_of([over, young], returns, metric("recontact_rate"))
    assert [one.begin for one in found] == [over.begin]


def test_the_median_of_a_journey_is_the_line_of_its_breakdown() -> None:
    cell = make_cell(0, (CHAT, 5, 50), now=NOW, key="time_to_resolution")
    lines = [
        {"key": "returns", "n": 40, "value": 2.0, "low": 1.5, "high": 2.5},
        {"key": "orders", "n": None, "value": None, "low": None, "high": None},
    ]
    cell.body["breakdowns"]["journey"] = lines
    given = {"metric": "time_to_resolution", "statistic": "median"}
    spec = metric("time_to_resolution")
    returns = parse_target(document=target(journey="returns", **given))
    (found,) = weeks_of([cell], returns, spec)
    assert (found.value, found.low, found.n) == (2.0, 1.5, 40)
    orders = parse_target(document=target(journey="orders", **given))
    assert weeks_of([cell], orders, spec) == ()


def test_parts_are_those_of_four_weeks_and_of_the_four_before() -> None:
    cells = [
        make_cell(number, (CHAT, 2 + (number > 3), 50), (OTHER, 9, 90), now=NOW)
        for number in range(8)
    ]
    spec = metric("transfer_rate")
    own = parse_target(document=target(metric="transfer_rate", journey="returns"))
    cuts = cuts_of(cells, own, spec)
    assert set(cuts) == {Breakdown.RISK, Breakdown.CHANNEL}
    before, now = cuts[Breakdown.CHANNEL]
    assert (before["chat"].n, before["chat"].value, now["chat"].value) == (200, 4.0, 6.0)
    whole = parse_target(document=target(metric="transfer_rate"))
    assert set(cuts_of(cells, whole, spec)[Breakdown.JOURNEY][0]) == {"returns", "orders"}
    assert cuts_of(cells[1:], whole, spec) == {}
    times = parse_target(document=target(metric="time_to_resolution", statistic="median"))
    assert cuts_of(cells, times, metric("time_to_resolution")) == {}
