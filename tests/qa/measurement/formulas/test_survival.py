"""Times that are not over yet, against published numbers and another implementation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.duration.survfunc import (  # type: ignore[import-untyped]
    CumIncidenceRight,
    SurvfuncRight,
    survdiff,
)

from orchestra.core.errors import InvalidInputError
from qa.measurement.formulas.survival import (
    Ending,
    Timed,
    cumulative_incidence,
    difference_of,
    kaplan_meier,
    log_rank,
    quantile,
    quantile_of_incidence,
    restricted_mean,
    seen_for,
    share_at,
)

PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"


def read(text: str) -> list[Timed]:
    return [
        Timed(float(one.strip("+")), Ending.OPEN if one.endswith("+") else Ending.HAPPENED)
        for one in text.split()
    ]


def shares(text: str) -> dict[float, float]:
    return {point.time: round(point.share, 4) for point in kaplan_meier(read(text))}


def test_freireich_where_all_were_seen() -> None:
    curve = kaplan_meier(read(PLACEBO))
    at_8 = share_at(curve, 8)
    assert at_8 is not None
    assert round(at_8.share, 3) == 0.381
    assert quantile(curve, share=0.5).value == 8


def test_freireich_where_many_are_not_over() -> None:
    # Freireich et al. (1963), the 6-MP arm, as every text book prints it.
    assert shares(TREATED) == {
        6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482
    }  # fmt: skip
    curve = kaplan_meier(read(TREATED))
    assert [round(math.sqrt(point.variance), 4) for point in curve] == [
        0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346
    ]  # fmt: skip
    median = quantile(curve, share=0.5)
    assert (median.value, median.low, median.high) == (23, 13, None)
    over = [one.time for one in read(TREATED) if one.ending is Ending.HAPPENED]
    assert round(sum(over) / len(over), 1) == 12.1
    assert quantile(curve, share=0.9).value is None


def test_freireich_arms_differ() -> None:
    found = log_rank(read(PLACEBO), read(TREATED))
    assert found is not None
    assert round(found.statistic, 2) == 16.79
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 1))
    other = log_rank(read(TREATED), read(PLACEBO))
    assert other is not None
    assert other.statistic == pytest.approx(found.statistic)


def test_restricted_mean_of_all_seen_is_the_mean_of_what_is_left_of_each() -> None:
    times = read(PLACEBO)
    measured = restricted_mean(times, horizon=15)
    held = [min(one.time, 15) for one in times]
    assert measured.value == pytest.approx(sum(held) / len(held))
    spread = sum((one - measured.value) ** 2 for one in held) / len(held) ** 2
    assert measured.variance == pytest.approx(spread)
    other = restricted_mean(read(TREATED), horizon=15)
    apart = difference_of(measured, other)
    assert apart.variance == pytest.approx(measured.variance + other.variance)
    assert apart.interval.high < 0
    with pytest.raises(InvalidInputError):
        restricted_mean(times, horizon=0)


def test_nothing_and_the_impossible() -> None:
    assert kaplan_meier([]) == ()
    assert cumulative_incidence([]) == ()
    assert restricted_mean([], horizon=4).value == 4
    assert log_rank([], []) is None
    assert share_at(kaplan_meier(read("5")), 4) is None
    with pytest.raises(InvalidInputError):
        kaplan_meier([Timed(-1.0)])
    with pytest.raises(InvalidInputError):
        quantile((), share=1)
    assert seen_for(read("1 2 3+"), 2) == 2


TIMES = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from(list(Ending))), min_size=3, max_size=60
)


def as_times(drawn: list[tuple[int, Ending]]) -> list[Timed]:
    return [Timed(float(time), ending) for time, ending in drawn]


@settings(max_examples=40)
@given(TIMES)
def test_curve_and_variance_as_another_computes_them(drawn: list[tuple[int, Ending]]) -> None:
    if all(ending is not Ending.HAPPENED for _, ending in drawn):
        return
    theirs = SurvfuncRight(
        np.array([time for time, _ in drawn], float),
        np.array([ending is Ending.HAPPENED for _, ending in drawn], int),
    )
    for point in kaplan_meier(as_times(drawn)):
        place = list(theirs.surv_times).index(point.time)
        assert point.share == pytest.approx(theirs.surv_prob[place])
        assert point.at_risk == theirs.n_risk[place]
        if point.share > 0:
            assert point.variance == pytest.approx(theirs.surv_prob_se[place] ** 2)
        assert 0 <= point.interval.low <= point.share <= point.interval.high <= 1


@settings(max_examples=40)
@given(TIMES)
def test_incidence_as_another_computes_it(drawn: list[tuple[int, Ending]]) -> None:
    codes = {Ending.OPEN: 0, Ending.HAPPENED: 1, Ending.OTHERWISE: 2}
    if len({ending for _, ending in drawn} - {Ending.OPEN}) < 2:
        return
    with np.errstate(all="ignore"):
        theirs = CumIncidenceRight(
            np.array([time for time, _ in drawn], float),
            np.array([codes[ending] for _, ending in drawn], int),
        )
    for point in cumulative_incidence(as_times(drawn)):
        place = list(theirs.times).index(point.time)
        assert point.share == pytest.approx(theirs.cinc[0][place])
        assert point.interval.low <= point.share <= point.interval.high


@settings(max_examples=40)
@given(TIMES)
def test_incidence_without_another_ending_is_what_the_curve_leaves(
    drawn: list[tuple[int, Ending]],
) -> None:
    times = [one for one in as_times(drawn) if one.ending is not Ending.OTHERWISE]
    curve, incidence = kaplan_meier(times), cumulative_incidence(times)
    for staying, over in zip(curve, incidence, strict=True):
        assert over.share == pytest.approx(1 - staying.share)
        if staying.share > 0:
            assert over.variance == pytest.approx(staying.variance, abs=1e-9)
    assert quantile(curve, share=0.5).value == quantile_of_incidence(incidence, share=0.5).value


@settings(max_examples=40)
@given(TIMES, TIMES)
def test_log_rank_as_another_computes_it(
    first: list[tuple[int, Ending]], second: list[tuple[int, Ending]]
) -> None:
    found = log_rank(as_times(first), as_times(second))
    both = [(*one, 0) for one in first] + [(*one, 1) for one in second]
    if found is None:
        return
    statistic, p_value = survdiff(
        np.array([time for time, _, _ in both], float),
        np.array([ending is Ending.HAPPENED for _, ending, _ in both], int),
        np.array([which for _, _, which in both], int),
    )
    assert found.statistic == pytest.approx(statistic, abs=1e-6)
    assert found.p_value == pytest.approx(p_value, abs=1e-6)


def test_the_variance_of_an_incidence_covers_the_truth() -> None:
    # 1000 sets of 80 times with two exponential endings and one censoring, seed fixed.
    drawn = np.random.default_rng(20261129)
    truth = 0.6 * (1 - math.exp(-1.0 * 1.0))
    covered = 0
    for _ in range(1000):
        endings = [
            Ending.HAPPENED if happens else Ending.OTHERWISE for happens in drawn.random(80) < 0.6
        ]
        times, seen = drawn.exponential(1.0, 80), drawn.exponential(2.0, 80)
        rows = [
            Timed(float(min(time, limit)), ending if time <= limit else Ending.OPEN)
            for time, limit, ending in zip(times, seen, endings, strict=True)
        ]
        point = share_at(cumulative_incidence(rows), 1.0)
        assert point is not None
        covered += point.interval.low <= truth <= point.interval.high
    assert 930 <= covered <= 970


def test_all_over_is_all_whatever_rounding_does() -> None:
    times = [Timed(float(1 + number % 9)) for number in range(40)]
    last = cumulative_incidence(times)[-1]
    assert (last.share, last.interval.low, last.interval.high) == (1.0, 1.0, 1.0)
