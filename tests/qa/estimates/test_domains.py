"""Estimates of a part that the design did not cut by."""

import random

import pytest
from scipy import stats

from qa.estimates import domains
from qa.estimates.domains import DomainStratum, domain_mean
from qa.estimates.types import HowSure


def test_nothing_is_said_of_a_part_nobody_reviewed() -> None:
    found = domain_mean([DomainStratum(10, (1.0, 0.0), (False, False))])
    assert (found.value, found.interval, found.how) == (None, None, HowSure.NONE)


def test_a_part_weighs_its_reviews_by_what_they_stand_for() -> None:
    strata = [
        DomainStratum(100, (1.0, 1.0, 0.0, 1.0), (True, True, False, False)),
        DomainStratum(20, (0.0, 1.0), (True, True)),
    ]
    # 2 x 25 pass of 2 x 25, and 1 x 10 of 2 x 10.
    found = domain_mean(strata)
    assert found.value == pytest.approx(60 / 70)
    assert found.reviews == 4


def test_all_reviewed_leaves_no_doubt() -> None:
    found = domain_mean([DomainStratum(3, (1.0, 0.0, 1.0), (True, True, False))])
    assert (found.value, found.variance, found.how) == (0.5, 0.0, HowSure.CENSUS)


def test_a_part_of_one_kind_keeps_an_interval() -> None:
    found = domain_mean([DomainStratum(500, (1.0,) * 40, (True,) * 40)])
    assert found.value == 1
    assert found.interval is not None
    assert 0.9 < found.interval.low < found.interval.high == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_interval_of_a_part_covers_the_truth_as_often_as_it_says(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  a simulation
    population = {
        400: [(chance.random() < 0.7, chance.random() < 0.5) for _ in range(400)],
        1600: [(chance.random() < 0.9, chance.random() < 0.4) for _ in range(1600)],
    }
    part = [score for units in population.values() for score, inside in units if inside]
    truth, covered, draws = sum(part) / len(part), 0, 2_000
    for _ in range(draws):
        strata = []
        for size, units in population.items():
            sample = chance.sample(units, 90)
            scores = tuple(float(score) for score, _inside in sample)
            strata.append(DomainStratum(size, scores, tuple(inside for _score, inside in sample)))
        interval = domain_mean(strata).interval
        assert interval is not None
        covered += interval.low <= truth <= interval.high
    assert 0.93 <= covered / draws <= 0.97


def test_student_s_quantile_is_near_enough() -> None:
    for freedom in (5, 10, 28, 200):
        wanted = (1.959964 / stats.t.ppf(0.975, freedom)) ** 2 * freedom / (freedom + 2)
        assert domains._doubt(freedom + 2, 2, 0.95) == pytest.approx(wanted, rel=0.02)
