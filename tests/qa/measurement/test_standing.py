"""Met, missed, not shown; and a difference with its interval."""

from datetime import UTC, datetime, timedelta

import pytest

from qa.builtin.services import read_shipped
from qa.estimates.proportions import difference, wilson
from qa.measurement.parsing import parse_metric
from qa.measurement.standing import (
    Reading,
    Verdict,
    change,
    is_old,
    judge,
    main_reading,
    standings,
)
from qa.measurement.types import Direction, Goal, MetricSpec

LOWER, HIGHER = Direction.LOWER, Direction.HIGHER


@pytest.mark.parametrize(
    ("reading", "better", "verdict"),
    [
        pytest.param(Reading(8, 7, 9.9), LOWER, Verdict.MET, id="all below"),
        pytest.param(Reading(8, 7, 10), LOWER, Verdict.MET, id="up to it"),
        pytest.param(Reading(8, 7, 10.1), LOWER, Verdict.NOT_SHOWN, id="across"),
        pytest.param(Reading(12, 10.1, 13), LOWER, Verdict.MISSED, id="all above"),
        pytest.param(Reading(12, 11, 13), HIGHER, Verdict.MET, id="higher is better"),
        pytest.param(Reading(8, 7, 9), HIGHER, Verdict.MISSED, id="too low"),
        pytest.param(Reading(8, 7, None), LOWER, Verdict.NOT_SHOWN, id="no upper end"),
        pytest.param(Reading(None, 11, None), LOWER, Verdict.MISSED, id="past it already"),
        pytest.param(Reading(None, None, None), LOWER, Verdict.NOT_YET, id="nothing known"),
    ],
)
def test_a_verdict_needs_the_whole_interval(
    reading: Reading, better: Direction, verdict: Verdict
) -> None:
    assert judge(reading, Goal(10), better) is verdict


def test_a_difference_of_two_shares_is_newcombes() -> None:
    one, two = wilson(hits=56, total=70), wilson(hits=48, total=80)
    found = change(Reading(0.8, one.low, one.high), Reading(0.6, two.low, two.high))
    known = difference(hits=56, total=70, other_hits=48, other_total=80)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
    assert change(Reading(1, None, None), Reading(1, 0, 2)) is None


def definition(key: str) -> MetricSpec:
    document = next(one for one in read_shipped(folder="metric_definitions") if one["key"] == key)
    return parse_metric(document=document)


def test_times_have_a_verdict_for_each_statistic() -> None:
    spec = definition("time_to_resolution")
    beside = {"low": 2, "high": 3, "p90": 50, "p90_low": 40, "p90_high": None}
    figure = {"value": 2.5, "interval": {"low": 2, "high": 3}, "beside": beside}
    assert main_reading(spec, figure) == Reading(2.5, 2, 3)
    assert [one.verdict for one in standings(spec, figure)] == [Verdict.MET, Verdict.NOT_SHOWN]


def test_targets_of_one_risk_alone_are_not_the_cards() -> None:
    figure = {"value": 99.0, "interval": {"low": 98.5, "high": 99.5}, "beside": {}}
    found = standings(definition("audit_completeness"), figure)
    assert [(one.goal.value, one.verdict) for one in found] == [(98, Verdict.MET)]


def test_when_a_number_is_old() -> None:
    spec, at = definition("transfer_rate"), datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert not is_old(spec=spec, computed_at=at, now=at + timedelta(minutes=60))
    assert is_old(spec=spec, computed_at=at, now=at + timedelta(minutes=61))
