"""Units that belong together say less: by the formula, and by simulation."""

import random

import pytest

from qa.estimates.clusters import design_effect_of
from qa.estimates.designs import against, stratified_mean
from qa.estimates.types import Estimate, HowSure, Interval, StratumSample, Verdict

GROUPS, EACH, DRAWS = 40, 4, 600


def test_units_that_stand_alone_have_no_effect() -> None:
    assert design_effect_of([1, 0, 1], []) == 1
    assert design_effect_of([1, 0, 1], ["a", "b", "c"]) == 1
    assert design_effect_of([1], ["a"]) == 1
    assert design_effect_of([1, 1, 1], ["a", "a", "b"]) == 1


def test_units_that_are_alike_within_their_cluster_count_as_one_each() -> None:
    # Four pairs, each alike: m = 4 clusters of 2, rho = 1, so 1 + (2 - 1) 1, but for the small
    # numbers: between 4/3 * sum(2 e)^2 = 4/3 * 8, over 8/7 * sum(e^2) = 8/7 * 2 in all.
    left, pairs = [1, 1, 1, 1, 0, 0, 0, 0], ["a", "a", "b", "b", "c", "c", "d", "d"]
    assert design_effect_of(left, pairs) == pytest.approx((4 / 3 * 4) / (8 / 7 * 2))


def test_one_cluster_alone_counts_as_one_unit_and_opposites_never_narrow() -> None:
    assert design_effect_of([1, 0, 1, 1], ["a"] * 4) == 4
    assert design_effect_of([1, 0, 1, 0], ["a", "a", "b", "b"]) == 1


def drawn(chance: random.Random) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Return the reviews of cases whose units succeed or fail together, four fifths in all."""
    scores: list[float] = []
    for _ in range(GROUPS):
        share = chance.betavariate(1.6, 0.4)
        scores.extend(float(chance.random() < share) for _ in range(EACH))
    return tuple(scores), tuple(str(place // EACH) for place in range(GROUPS * EACH))


def test_the_interval_of_clustered_units_covers_as_often_as_it_says() -> None:
    chance = random.Random(20261129)  # noqa: S311  a simulation
    covered = {True: 0, False: 0}
    for _ in range(DRAWS):
        scores, clusters = drawn(chance)
        for told in covered:
            sample = StratumSample("all", 10**6, scores, clusters if told else ())
            found = stratified_mean([sample])
            assert found.interval is not None
            covered[told] += found.interval.low <= 0.8 <= found.interval.high
    assert 0.93 <= covered[True] / DRAWS <= 0.98
    assert covered[False] / DRAWS < 0.90


def test_the_effective_number_says_so() -> None:
    scores, clusters = drawn(random.Random(1))  # noqa: S311  a simulation
    alone = stratified_mean([StratumSample("all", 10**6, scores)])
    found = stratified_mean([StratumSample("all", 10**6, scores, clusters)])
    assert (found.value, found.reviews) == (alone.value, alone.reviews)
    assert alone.effective is not None
    assert found.effective == pytest.approx(alone.effective / found.clustered)
    assert (alone.clustered, found.clustered > 1.5) == (1, True)


def test_reviews_that_are_all_alike_are_as_sure_as_their_clusters() -> None:
    ones, clusters = (1.0,) * 8, ("a",) * 4 + ("b",) * 4
    alone = stratified_mean([StratumSample("all", 1_000, ones)]).interval
    found = stratified_mean([StratumSample("all", 1_000, ones, clusters)]).interval
    assert alone is not None
    assert found is not None
    assert found.low < alone.low


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.90, 0.95, Verdict.MET),
        (0.80, 0.8999, Verdict.MISSED),
        (0.89, 0.99, Verdict.NOT_SHOWN),
        (0.80, 0.90, Verdict.NOT_SHOWN),
    ],
)
def test_a_target_is_met_or_missed_by_the_whole_interval_never_by_the_point(
    low: float, high: float, verdict: Verdict
) -> None:
    for value in (low, high):
        found = Estimate(value, 0.0, Interval(low, high), HowSure.WILSON, 30)
        assert against(0.9, found) is verdict
    assert against(0.9, None) is Verdict.NOT_SHOWN
