"""Whether a period holds other work than the one before."""

from dataclasses import replace

import pytest

from qa.figures.mixing import moved_mix
from qa.figures.types import PeriodRows, Stratum
from tests.qa.figures.test_assembling import W2


def week(version: int = 1, **sizes: int) -> PeriodRows:
    strata = tuple(Stratum(name, size, 0) for name, size in sizes.items())
    return replace(W2, version=version, strata=strata)


def test_the_strata_that_moved_are_named_with_by_how_much() -> None:
    found = moved_mix(week(low=500, high=300, critical=200), week(low=700, high=110, critical=190))
    assert [one.name for one in found] == ["low", "high"]
    low, high = found
    assert (low.before, low.after, low.change) == (0.7, 0.5, pytest.approx(-0.2))
    assert high.change == pytest.approx(0.19)
    assert 0 < high.low < high.change < high.high
    assert low.low < low.change < low.high < 0


def test_a_stratum_that_is_new_or_gone_moved_as_well() -> None:
    found = moved_mix(week(low=800, phone=200), week(low=800, chat=200))
    assert {one.name: (one.before, one.after) for one in found} == {
        "phone": (0.0, 0.2),
        "chat": (0.2, 0.0),
    }


@pytest.mark.parametrize(
    ("new", "old"),
    [
        (week(low=7, high=3), week(low=5, high=5)),
        (week(low=60_000, high=40_000), week(low=61_000, high=39_000)),
        (week(low=900, high=100), week(version=2, low=500, high=500)),
        (week(low=0), week(low=500, high=500)),
        (week(low=500, high=500), week()),
    ],
    ids=["by chance", "by little", "another plan", "nothing now", "nothing before"],
)
def test_nothing_moved(new: PeriodRows, old: PeriodRows) -> None:
    assert moved_mix(new, old) == ()
