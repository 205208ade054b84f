"""The seed names what is followed by gold and by which; agreed answers are the question's own."""

import pytest

from qa.gold.rules import agreement, is_followed, pick

SEED = "orchestra-demo-seed"


def test_about_the_plans_share_is_followed_and_the_same_every_time() -> None:
    units = [f"unit-{place}|first" for place in range(2000)]
    followed = [one for one in units if is_followed(percent=10, seed=SEED, unit=one)]
    assert 150 < len(followed) < 250
    assert followed == [one for one in units if is_followed(percent=10, seed=SEED, unit=one)]
    assert followed != [one for one in units if is_followed(percent=10, seed="other", unit=one)]
    assert not any(is_followed(percent=0, seed=SEED, unit=one) for one in units)
    assert all(is_followed(percent=100, seed=SEED, unit=one) for one in units)


def test_one_that_fits_is_picked_whatever_the_order() -> None:
    items = [f"item-{place}" for place in range(9)]
    chosen = {pick(items, seed=SEED, unit=f"unit-{place}") for place in range(100)}
    assert chosen == set(items)
    assert pick(items, seed=SEED, unit="a") == pick(items[::-1], seed=SEED, unit="a")
    assert pick([], seed=SEED, unit="a") == ""


@pytest.mark.parametrize("total", [1, 2, 3])
def test_fewer_than_three_reviews_give_no_interval(total: int) -> None:
    found = agreement(person="Ann", scorecard="Card", text="Q", same=[True] * total)
    assert (found.total, found.agreed) == (total, total)
    assert (found.low is None, found.high is None) == (total < 3, total < 3)
    if found.low is not None:
        # Wilson's lower bound of 3 of 3.
        assert found.low == pytest.approx(0.4385, abs=1e-4)
