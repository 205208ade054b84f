"""Who is given a review, which are reviewed twice, and how long a screen is believed."""

from datetime import timedelta

import pytest

from qa.reviewing.rules import choose, is_reviewed_twice, seconds_counted
from qa.reviewing.types import Candidate, Choice, Unassigned
from tests.conftest import NOW

ANNA, BEN, CARL = Candidate("anna"), Candidate("ben"), Candidate("carl")


def pick(*candidates: Candidate, **changes: object) -> Choice:
    values = {"barred": (), "at_most": None, "seed": "s", "unit": "u", **changes}
    return choose(candidates, **values)  # type: ignore[arg-type]


def test_whoever_has_the_fewest_open_is_given_it() -> None:
    assert pick(Candidate("anna", 3), Candidate("ben", 2), Candidate("carl", 4)).person == "ben"


def test_a_tie_is_broken_by_the_seed_and_the_order_of_people_changes_nothing() -> None:
    chosen = {pick(ANNA, BEN, CARL, unit=f"u{n}").person for n in range(40)}
    assert chosen == {"anna", "ben", "carl"}
    for number in range(40):
        unit = f"u{number}"
        assert pick(ANNA, BEN, CARL, unit=unit) == pick(CARL, BEN, ANNA, unit=unit)


@pytest.mark.parametrize(
    ("candidates", "changes", "why"),
    [
        ((), {}, Unassigned.NOBODY_HOLDS_ROLE),
        ((ANNA, BEN), {"barred": ("anna", "ben")}, Unassigned.ALL_HAD_A_HAND),
        ((Candidate("anna", 0, 5),), {"at_most": 5}, Unassigned.QUOTAS_USED),
        ((Candidate("anna", 0, 5), BEN), {"at_most": 5, "barred": ("ben",)}, "quotas_used"),
    ],
)
def test_where_nobody_is_eligible_it_says_why(
    candidates: tuple[Candidate, ...], changes: dict[str, object], why: str
) -> None:
    assert pick(*candidates, **changes) == Choice(why=Unassigned(why))


def test_a_quota_passes_over_whoever_has_used_it() -> None:
    assert pick(Candidate("anna", 0, 5), Candidate("ben", 9, 4), at_most=5).person == "ben"


def test_about_so_many_percent_are_reviewed_twice() -> None:
    def count(percent: int) -> int:
        return sum(is_reviewed_twice(percent=percent, seed="s", unit=f"u{n}") for n in range(2000))

    assert (count(0), count(100)) == (0, 2000)
    assert 160 < count(10) < 240


@pytest.mark.parametrize(("said", "counted"), [(30, 30), (90, 60), (-5, 0)])
def test_no_more_seconds_are_believed_than_went_by(said: int, counted: int) -> None:
    assert seconds_counted(said=said, since=NOW, now=NOW + timedelta(seconds=60)) == counted
