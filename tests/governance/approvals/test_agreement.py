"""Agreement between approvers: published values, and what is never compared."""

from collections.abc import Iterable
from typing import Any

import pytest

from governance.approvals.agreement import (
    FEW_CASES,
    Agreement,
    ac1,
    compare,
    compared,
    likeness,
)
from governance.approvals.figures import Vote
from governance.approvals.types import VoteChoice
from tests.governance.approvals.test_figures import vote

YES, NO = VoteChoice.APPROVE, VoteChoice.REJECT


def votes(*cases: Iterable[tuple[str, VoteChoice]]) -> list[Vote]:
    return [
        vote(by=by, choice=choice, likeness=f"case-{number}")
        for number, case in enumerate(cases)
        for by, choice in case
    ]


def table(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> list[Vote]:
    """Two people and as many like cases as the cells of their table say."""
    pairs = [(YES, YES)] * yes_yes + [(YES, NO)] * yes_no + [(NO, YES)] * no_yes
    return votes(*[[("a", one), ("b", two)] for one, two in pairs + [(NO, NO)] * no_no])


@pytest.mark.parametrize(
    ("cells", "raw", "corrected"),
    [
        # Ninety of a hundred agree, split 95 to 5: kappa is -.0526 there and AC1 .8895.
        ((90, 5, 5, 0), 0.90, 0.8895),
        # Gwet (2002), Kappa statistic is not satisfactory: 118 of 125 alike; AC1 .9408.
        ((118, 5, 2, 0), 0.944, 0.9408),
        ((50, 0, 0, 50), 1.0, 1.0),
        ((0, 50, 50, 0), 0.0, -1.0),
        ((25, 25, 25, 25), 0.5, 0.0),
    ],
)
def test_the_figure_beyond_chance_is_gwets(
    cells: tuple[int, int, int, int], raw: float, corrected: float
) -> None:
    found = compare(table(*cells))
    assert found.raw == pytest.approx(raw, abs=1e-9)
    assert found.corrected == pytest.approx(corrected, abs=5e-5)
    assert (found.pairs, found.alike) == (sum(cells), cells[0] + cells[3])


def test_an_interval_is_the_same_each_time_and_holds_its_figure() -> None:
    first, second = compare(table(40, 4, 3, 3)), compare(table(40, 4, 3, 3))
    assert first == second
    assert first.raw_span[0] < first.raw < first.raw_span[1]
    assert first.corrected_span[0] < first.corrected < first.corrected_span[1]
    assert first.raw_span == pytest.approx((0.76, 0.94), abs=0.03)


def test_nobody_is_compared_with_themselves() -> None:
    alone = votes([("a", YES), ("a", NO), ("a", YES)])
    assert compare(alone) == Agreement(0, 0, 0)
    assert compared(alone) == []
    # Two votes of one person and one of another make two pairs, not three.
    found = compare(votes([("a", YES), ("a", NO), ("b", YES)]))
    assert (found.cases, found.pairs, found.alike) == (1, 2, 1)


def test_every_like_case_counts_once_however_many_votes_it_drew() -> None:
    crowd = [(f"p{number}", YES) for number in range(20)]
    found = compare(votes(crowd, [("a", YES), ("b", NO)]))
    assert (found.pairs, found.alike) == (191, 190)
    assert found.raw == pytest.approx(0.5)


def test_votes_on_what_is_not_told_are_left_out() -> None:
    assert compare([vote(by="a"), vote(by="b")]).cases == 0


@pytest.mark.parametrize(("cases", "enough"), [(FEW_CASES - 1, False), (FEW_CASES, True)])
def test_few_like_cases_say_nothing(cases: int, enough: bool) -> None:
    assert compare(table(cases, 0, 0, 0)).is_enough is enough


def test_chance_never_takes_all() -> None:
    assert ac1(agreed=1.0, approved=1.0) == 1.0
    assert ac1(agreed=0.5, approved=0.5) == 0.0


def view(**changes: Any) -> dict[str, Any]:
    fired = [{"policy": "returns", "rule": "r7"}, {"policy": "returns", "rule": "r2"}]
    return {"call": {"tool": "return_items"}, "rows": {"fired": fired}, **changes}


def like(amount: int | None = 60_000, currency: str = "USD", **changes: Any) -> str:
    return likeness(view=view(**changes), amount_minor=amount, currency=currency)


def test_like_cases_share_tool_rows_and_size_of_the_amount() -> None:
    assert like() == like(40_000) != ""
    fired = [{"policy": "returns", "rule": "r2"}, {"policy": "returns", "rule": "r7"}]
    assert like(rows={"fired": fired}) == like()


@pytest.mark.parametrize(
    "other",
    [
        like(70_000),
        like(None),
        like(currency="EUR"),
        like(call={"tool": "cancel_order"}),
        like(rows={"fired": [{"policy": "returns", "rule": "r7"}]}),
    ],
)
def test_others_are_not_like(other: str) -> None:
    assert other != like()


@pytest.mark.parametrize("changes", [{"call": None}, {"call": {}}, {"rows": []}])
def test_a_view_that_does_not_tell_has_no_like(changes: dict[str, Any]) -> None:
    assert like(**changes) == ""
