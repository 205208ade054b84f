"""Design-weighted estimates: the published vectors, bad samples, and coverage by simulation."""

import random
from collections.abc import Sequence

import pytest

from orchestra.core.errors import InvalidInputError
from qa.estimates.designs import (
    design_effect,
    difference_mean,
    hajek_mean,
    hansen_hurwitz,
    horvitz_thompson,
    needs_every_stratum,
    normal_interval,
    rogan_gladen,
    stratified_mean,
    tuned_weight,
)
from qa.estimates.proportions import wilson
from qa.estimates.types import HowSure, Interval, JudgedStratum, StratumSample


def zeros_and_ones(ones: int, zeros: int) -> tuple[float, ...]:
    return (1.0,) * ones + (0.0,) * zeros


def judged(name: str, size: int, passed: int, cells: tuple[int, int, int, int]) -> JudgedStratum:
    """A stratum by the counts of (review, judge): both pass, only review, only judge, neither."""
    both, only_review, only_judge, neither = cells
    return JudgedStratum(
        name=name,
        size=size,
        judged_mean=passed / size,
        scores=zeros_and_ones(both + only_review, only_judge + neither),
        judged=(
            *zeros_and_ones(both, only_review),
            *zeros_and_ones(only_judge, neither),
        ),
    )


W2 = [judged("high", 200, 176, (28, 2, 6, 4)), judged("low", 1800, 1692, (54, 1, 3, 2))]


def test_vector_w1_weighs_by_design_and_not_by_count() -> None:
    strata = [
        StratumSample("low", 900, zeros_and_ones(2, 43)),
        StratumSample("high", 80, zeros_and_ones(6, 34)),
        StratumSample("critical", 20, zeros_and_ones(5, 15)),
    ]
    found = stratified_mean(strata)
    assert found.value == pytest.approx(0.0570, abs=5e-5)
    assert found.standard_error == pytest.approx(0.02744, abs=5e-6)
    assert found.effective == pytest.approx(71.4, abs=0.05)
    interval = wilson(hits=found.value * found.effective, total=found.effective)
    assert (interval.low, interval.high) == pytest.approx((0.0226, 0.1367), abs=5e-5)


@pytest.mark.parametrize(
    ("weight", "value", "error", "low", "high"),
    [
        (0.0, 0.9000, 0.03244, 0.8364, 0.9636),
        (1.0, 0.8940, 0.03015, 0.8349, 0.9531),
        (None, 0.8959, 0.02843, 0.8402, 0.9517),
    ],
    ids=["reviews alone", "difference", "tuned"],
)
def test_vector_w2(
    weight: float | None, value: float, error: float, low: float, high: float
) -> None:
    found = difference_mean(W2, weight=weight)
    assert found.value == pytest.approx(value, abs=5e-5)
    assert found.standard_error == pytest.approx(error, abs=5e-6)
    normal = normal_interval(value, found.variance)
    assert (normal.low, normal.high) == pytest.approx((low, high), abs=1e-4)
    assert found.interval is not None
    assert found.interval.low < value < found.interval.high


def test_vector_w2_is_tuned_in_each_stratum() -> None:
    assert [round(tuned_weight(one), 4) for one in W2] == [0.4902, 0.6140]


def test_vector_t1_the_difference_estimator_of_a_finite_population() -> None:
    scores = (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0)
    results = (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0)
    one = JudgedStratum("all", 100, (84 + 8) / 100, scores, results)
    found = difference_mean([one], weight=1.0)
    assert found.value == pytest.approx(0.9200, abs=5e-5)
    assert found.standard_error == pytest.approx(0.14142, abs=5e-6)
    assert found.how is HowSure.WILSON_EFFECTIVE
    assert found.interval is not None
    assert 0 <= found.interval.low <= found.interval.high <= 1


def test_thompsons_exercise() -> None:
    values = (3.0, 10.0, 7.0)
    total, spread = hansen_hurwitz(values, (0.06, 0.20, 0.10))
    assert (total, spread) == pytest.approx((56.667, 44.444), abs=5e-4)
    total, spread = horvitz_thompson(
        values,
        (0.169416, 0.488, 0.271),
        {(0, 1): 0.06264, (0, 2): 0.03312, (1, 2): 0.102},
    )
    assert total == pytest.approx(64.030, abs=5e-3)
    assert spread == pytest.approx(62.462, abs=5e-2)


def test_hajek_is_the_plain_mean_where_all_are_as_likely() -> None:
    assert hajek_mean([1.0, 0.0, 1.0, 1.0], [0.1] * 4) == pytest.approx(0.75)
    assert hajek_mean([1.0, 0.0], [0.5, 0.1]) == pytest.approx(2 / 12)


def test_a_judge_corrected_as_published() -> None:
    theta, spread = rogan_gladen(
        judged=0.80, population=10_000, caught=(138, 150), cleared=(425, 500)
    )
    assert theta == pytest.approx(0.84416, abs=5e-6)
    theta, _spread = rogan_gladen(judged=0.625, population=8, caught=(3, 4), cleared=(3, 4))
    assert theta == pytest.approx(0.75)
    assert spread > 0


def test_our_own_vector_of_a_judge() -> None:
    theta, spread = rogan_gladen(
        judged=0.80, population=10_000, caught=(138, 150), cleared=(85, 100)
    )
    assert theta == pytest.approx(0.84416, abs=5e-6)
    # With 50 labelled bad ones the published error is .02685; 42.5 of 50 are no count.
    assert 0.0 < spread**0.5 < 0.02685


def test_a_judge_no_better_than_chance_corrects_nothing() -> None:
    with pytest.raises(InvalidInputError, match="chance"):
        rogan_gladen(judged=0.5, population=100, caught=(5, 10), cleared=(5, 10))


def test_a_stratum_without_a_review_leaves_the_whole_unknown() -> None:
    strata = [StratumSample("a", 10, (1.0, 1.0)), StratumSample("b", 5, ())]
    found = stratified_mean(strata)
    assert (found.value, found.interval, found.how) == (None, None, HowSure.NONE)
    assert needs_every_stratum(strata) == ("b",)
    assert stratified_mean([]).value is None


def test_an_empty_stratum_is_no_part_of_the_whole() -> None:
    strata = [StratumSample("a", 10, (1.0,) * 4 + (0.0,)), StratumSample("none", 0, ())]
    assert stratified_mean(strata).value == pytest.approx(0.8)


def test_all_reviewed_is_no_estimate_any_more() -> None:
    found = stratified_mean([StratumSample("a", 4, (1.0, 0.0, 1.0, 1.0))])
    assert (found.value, found.interval, found.how) == (
        0.75,
        Interval(0.75, 0.75),
        HowSure.CENSUS,
    )


def test_no_failure_seen_is_not_sure_to_be_none() -> None:
    found = stratified_mean([StratumSample("a", 1_000, (1.0,) * 50)])
    assert found.value == 1.0
    assert found.how is HowSure.WILSON
    assert found.interval is not None
    assert found.interval.low == pytest.approx(wilson(hits=50, total=50).low)


def test_a_single_review_says_little() -> None:
    found = stratified_mean([StratumSample("a", 100, (1.0,))])
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 0.5


@pytest.mark.parametrize(
    "one",
    [
        JudgedStratum("a", 1, 0.5, (1.0, 1.0), (1.0, 1.0)),
        JudgedStratum("a", 5, 0.5, (1.0, 1.0), (1.0,)),
    ],
    ids=["more reviews than units", "a review without its result"],
)
def test_samples_that_cannot_be_are_refused(one: JudgedStratum) -> None:
    with pytest.raises(InvalidInputError):
        difference_mean([one])


def test_clusters_widen_the_variance() -> None:
    assert design_effect(cluster_size=1, within=0.5) == 1
    assert design_effect(cluster_size=5, within=0.1) == pytest.approx(1.4)


#: A population shaped like W2: per stratum its units as (review, judge).
POPULATION = {
    "high": [(1, 1)] * 140 + [(1, 0)] * 10 + [(0, 1)] * 30 + [(0, 0)] * 20,
    "low": [(1, 1)] * 1620 + [(1, 0)] * 30 + [(0, 1)] * 90 + [(0, 0)] * 60,
}
SAMPLED = {"high": 40, "low": 60}
DRAWS = 2_000


def drawn(chance: random.Random) -> list[JudgedStratum]:
    found = []
    for name, units in POPULATION.items():
        sample: Sequence[tuple[int, int]] = chance.sample(units, SAMPLED[name])
        found.append(
            JudgedStratum(
                name=name,
                size=len(units),
                judged_mean=sum(f for _y, f in units) / len(units),
                scores=tuple(float(y) for y, _f in sample),
                judged=tuple(float(f) for _y, f in sample),
            )
        )
    return found


@pytest.mark.parametrize("weight", [0.0, 1.0, None], ids=["reviews", "difference", "tuned"])
def test_the_interval_covers_the_truth_as_often_as_it_says(weight: float | None) -> None:
    truth = sum(y for units in POPULATION.values() for y, _f in units) / 2_000
    chance = random.Random(20261129)  # noqa: S311  a simulation
    covered = 0
    for _ in range(DRAWS):
        interval = difference_mean(drawn(chance), weight=weight).interval
        assert interval is not None
        covered += interval.low <= truth <= interval.high
    assert 0.93 <= covered / DRAWS <= 0.97
