"""By which weeks together a target is not kept, and when it is kept again."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.access.types import Role
from qa.estimates.proportions import wilson
from qa.targets.types import Sign, TargetSpec, Week
from qa.targets.watching import distance, find_breach, is_kept_again
from tests.factories.targets import FIRST, week

AT_MOST = TargetSpec("t", "T", "recontact_rate", 10.0, at_most=True, owner=Role.QA_LEAD, why="w")
AT_LEAST = TargetSpec("t", "T", "first_contact", 10.0, at_most=False, owner=Role.QA_LEAD, why="w")


def weeks(*far: float) -> list[Week]:
    """Weeks that lie so many standard errors above ten."""
    return [week(number, 10 + one) for number, one in enumerate(far)]


def sign_of(found: Sequence[Week], target: TargetSpec = AT_MOST) -> Sign | None:
    breach = find_breach(found, target)
    return breach.sign if breach else None


@pytest.mark.parametrize(
    ("far", "sign"),
    [
        ((2.1, 0.5, 2.1), Sign.TWO_OF_THREE),
        ((1.1, 1.1, -1, 1.1, 1.1), Sign.FOUR_OF_FIVE),
        ((0.4,) * 8, Sign.EIGHT_IN_A_ROW),
        ((0.4,) * 7, None),
        # Each on its own is nothing; slow, and in sum more than chance.
        ((1.9, 0.9, 1.9, 0.9, 1.9, 0.9, 1.9), Sign.CUMULATIVE),
        ((9.0,), None),
        ((-1, -1, 9.0), None),
        # What is over is over: the last week is on the right side.
        ((2.1, 2.1, -0.1), None),
        ((), None),
    ],
)
def test_weeks_together_signal_and_never_one_alone(
    far: tuple[float, ...], sign: Sign | None
) -> None:
    assert sign_of(weeks(*far)) == sign


def test_the_weeks_it_was_seen_over_are_told() -> None:
    found = find_breach(weeks(-1, -1, 2.1, 2.1), AT_MOST)
    assert found is not None
    assert [one.begin for one in found.weeks] == [one.begin for one in weeks(0, 0, 0, 0)[1:]]
    slow = find_breach(weeks(-1, *(1.9, 0.9) * 3, 1.9), AT_MOST)
    assert slow is not None
    assert len(slow.weeks) == 7


def test_where_more_is_better_less_is_the_breach() -> None:
    assert sign_of(weeks(-2.1, -2.1, -2.1), AT_LEAST) is Sign.TWO_OF_THREE
    assert sign_of(weeks(2.1, 2.1, 2.1), AT_LEAST) is None


def test_a_week_without_an_end_towards_the_target_says_nothing() -> None:
    assert distance(Week(FIRST, 12, None, 14, 40), AT_MOST) is None
    assert distance(Week(FIRST, 8, 7, None, 40), AT_MOST) is None
    assert distance(Week(FIRST, 10, None, None, 40), AT_MOST) == 0
    assert distance(Week(FIRST, 12, 12 - 1.96, None, 40), AT_MOST) == pytest.approx(2, abs=1e-3)


def test_it_is_kept_again_after_two_weeks_on_the_right_side() -> None:
    assert not is_kept_again(weeks(2.1, 2.1, -0.5), AT_MOST)
    assert is_kept_again(weeks(2.1, 2.1, -0.5, -0.5), AT_MOST)
    assert not is_kept_again(weeks(*(3,) * 9, -0.1, -0.1), AT_MOST)


@given(st.lists(st.floats(-5, 50), min_size=1, max_size=12))
def test_no_history_signals_by_one_week_above_others_that_are_right(far: list[float]) -> None:
    right = [min(0.0, one) for one in far]
    assert find_breach(weeks(*right, 50.0), AT_MOST) is None


def test_a_share_that_is_as_the_target_says_rarely_signals() -> None:
    dice = random.Random(7)  # noqa: S311  a simulation
    signals = 0
    for _turn in range(400):
        found = []
        for number in range(12):
            hits = sum(dice.random() < 0.1 for _ in range(200))
            ends = wilson(hits=hits, total=200)
            found.append(Week(FIRST, 100 * hits / 200, 100 * ends.low, 100 * ends.high, number))
        signals += find_breach(found, AT_MOST) is not None
    # Exactly at the target, one week in fifty at most.
    assert signals <= 8
