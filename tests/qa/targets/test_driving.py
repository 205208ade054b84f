"""Which part moved a number, by its value or by its size, and only where that is sure."""

from math import sqrt

import pytest

from qa.measurement.types import Breakdown
from qa.targets.driving import find_driver
from qa.targets.types import Driver, Effect, Part


def part(hits: int, n: int) -> Part:
    share = hits / n
    return Part(n, 100 * share, 100**2 * share * (1 - share) / n)


def driver(before: dict[str, Part], now: dict[str, Part], **given: bool) -> Driver | None:
    return find_driver({Breakdown.CHANNEL: (before, now)}, **{"worse_is_more": True, **given})


def test_a_part_whose_own_value_rose_is_named_with_what_it_moved() -> None:
    found = driver(
        {"chat": part(40, 400), "email": part(40, 400)},
        {"chat": part(120, 400), "email": part(40, 400)},
    )
    assert found is not None
    assert (found.by, found.key, found.effect) == (Breakdown.CHANNEL, "chat", Effect.VALUE)
    # Half of the whole rose by twenty points.
    assert found.points == pytest.approx(10)
    assert found.change == pytest.approx(10)
    # Four effects were looked at, so each interval is that of 98.75 %.
    error = 0.5 * 100 * sqrt(0.3 * 0.7 / 400 + 0.1 * 0.9 / 400)
    assert found.high - found.points == pytest.approx(2.4977 * error, rel=1e-3)


def test_a_part_that_shrank_is_named_though_no_value_changed() -> None:
    found = driver(
        {"chat": part(10, 400), "email": part(160, 400)},
        {"chat": part(5, 200), "email": part(240, 600)},
    )
    assert found is not None
    assert (found.key, found.effect) == ("chat", Effect.MIX)
    assert found.points == pytest.approx(5.859375)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        # Chance explains it.
        ({"a": part(8, 80), "b": part(8, 80)}, {"a": part(11, 80), "b": part(8, 80)}),
        # Sure, but of too few to be told.
        ({"a": part(0, 20), "b": part(8, 80)}, {"a": part(19, 20), "b": part(8, 80)}),
        # One part is the whole.
        ({"a": part(8, 80)}, {"a": part(60, 80)}),
        ({}, {}),
    ],
)
def test_nothing_is_named_that_is_not_sure(before: dict[str, Part], now: dict[str, Part]) -> None:
    assert driver(before, now) is None


def test_what_moved_it_for_the_better_is_no_driver() -> None:
    before = {"a": part(120, 400), "b": part(40, 400)}
    now = {"a": part(40, 400), "b": part(40, 400)}
    assert driver(before, now) is None
    found = driver(before, now, worse_is_more=False)
    assert found is not None
    assert found.points == pytest.approx(-10)


def test_the_effects_of_all_parts_add_up_to_the_change() -> None:
    from qa.targets.driving import _mean, _moves  # noqa: PLC0415  the parts of the one public act

    before = {"a": part(12, 90), "b": part(70, 200), "c": part(5, 60)}
    now = {"a": part(30, 120), "b": part(50, 210), "c": part(9, 30)}
    whole = sum(one.points for one in _moves(before, now))
    assert whole == pytest.approx(_mean(now) - _mean(before))
