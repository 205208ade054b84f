"""Agreement over sessions: the published measure, honest intervals, and drift."""

import random
from datetime import timedelta

import pytest

from qa.calibration.agreement import gwet_ac1, with_interval
from qa.calibration.series import (
    Agreed,
    Point,
    agreed,
    drift_of,
    judged_pairs,
    pairs_of,
    point_of,
    pooled,
)
from qa.calibration.types import Asked
from tests.conftest import NOW


def rated(units: int, raters: int, *, seed: int, same: float) -> list[tuple[str | None, ...]]:
    draws = random.Random(seed)  # noqa: S311  a test's own numbers
    rows = []
    for _unit in range(units):
        usual = draws.choice("ab")
        rows.append(
            tuple(
                usual if draws.random() < same else draws.choice(["a", "b", None])
                for _rater in range(raters)
            )
        )
    return rows


@pytest.mark.parametrize(("raters", "same"), [(2, 0.7), (2, 0.95), (5, 0.6)])
def test_it_is_gwets_measure_and_as_sure_as_a_bootstrap_says(raters: int, same: float) -> None:
    rows = rated(240, raters, seed=raters, same=same)
    found = agreed(rows, 2)
    drawn = with_interval(rows, lambda some: gwet_ac1(some, categories="ab"), rounds=400)
    assert found is not None
    assert drawn.value == pytest.approx(found.value)
    assert (found.low, found.high) == pytest.approx((drawn.low, drawn.high), abs=0.03)
    assert found.units == drawn.units


def test_too_few_say_nothing_and_all_alike_are_not_sure_for_ever() -> None:
    assert agreed([("a", "a")] * 9, 2) is None
    assert agreed([("a", "a")] * 12, 1) is None
    found = agreed([("a", "a")] * 12, 2)
    assert found is not None
    # Wilson, 12 of 12.
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.7575, abs=1e-4)


def test_parts_are_pooled_by_their_units_and_are_surer_together() -> None:
    one = Agreed(0.6, 0.4, 0.8, 20)
    found = pooled([one, None, Agreed(0.9, 0.7, 1.0, 60)])
    assert found is not None
    assert (found.value, found.units) == (pytest.approx(0.825), 80)
    # sqrt((0.2 x 20/80)^2 + (0.2 x 60/80)^2) below.
    assert found.low == pytest.approx(0.825 - 0.158114, abs=1e-6)
    assert pooled([None]) is None


def test_a_person_is_held_against_the_majority_and_a_check_against_people() -> None:
    rows = (("no", "yes", "yes"), ("yes", "yes", "no"), (None, "yes", "yes"))
    asked = Asked(
        "kept", "Was it kept?", numbered=False, passing={"yes": 1.0, "no": 0.0}, rows=rows
    )
    found = pairs_of(asked, 0)
    # In the second unit the others are split.
    assert (found.pairs, found.apart) == ((("no", "yes"),), (-1.0,))
    check = judged_pairs([(True, False), (False, False)])
    assert check.pairs == (("pass", "fail"), ("fail", "fail"))
    point = point_of(NOW, [judged_pairs([(True, False)] * 4 + [(True, True)] * 12)])
    assert point.points == pytest.approx(25)
    # The standard deviation of 4 ones and 12 noughts over the root of 16.
    assert point.error == pytest.approx(11.1803, abs=1e-4)


def leans(*points: float, error: float = 2.0) -> list[Point]:
    return [
        Point(NOW + timedelta(weeks=place), "", None, one, error)
        for place, one in enumerate(points)
    ]


@pytest.mark.parametrize(
    ("points", "drifts"),
    [
        ((0.0, 0.0, 40.0), False),
        ((40.0, 0.0, 0.0), False),
        ((0.0, 4.0, 4.0, 4.0, 4.0), True),
        ((-5.0, -4.0, -6.0), True),
        ((4.0, -4.0, 4.0, -4.0), False),
        ((40.0, 40.0), False),
    ],
)
def test_several_sessions_make_a_drift_and_one_alone_never_does(
    points: tuple[float, ...], drifts: bool
) -> None:
    assert drift_of(leans(*points)).is_drifting is drifts


def test_where_everybody_agrees_nothing_drifts() -> None:
    assert drift_of(leans(0.0, 0.0, 0.0, error=0.0)).smoothed == 0
    assert drift_of(leans(-1.0, -1.0, -1.0, error=0.0)).is_drifting
