"""Acceptance plans: the printed tables, their arrows, switching, and what they do not show."""

from collections.abc import Callable

import pytest

from orchestra.core.errors import InvalidInputError
from qa.sampling.acceptance import (
    SinglePlan,
    Standing,
    Switching,
    after_lot,
    after_lots,
    chance_of_accepting,
    code_letter,
    single_plan,
)
from qa.sampling.types import Severity


@pytest.mark.parametrize(
    ("lot", "letter"),
    [
        (2, "A"), (8, "A"), (9, "B"), (25, "C"), (26, "D"), (90, "E"), (150, "F"), (280, "G"),
        (500, "H"), (501, "J"), (1200, "J"), (3200, "K"), (10_000, "L"), (35_000, "M"),
        (150_000, "N"), (500_000, "P"), (500_001, "Q"),
    ],
)  # fmt: skip
def test_the_letter_of_a_lot_at_level_two(lot: int, letter: str) -> None:
    assert code_letter(lot=lot) == letter


def test_levels_one_and_three_stand_beside_it() -> None:
    assert [code_letter(lot=1200, level=level) for level in ("I", "II", "III")] == ["G", "J", "K"]


@pytest.mark.parametrize(
    ("lot", "aql", "plan"),
    [
        (1200, "1.0", SinglePlan("J", 80, 2)),
        (2000, "0.65", SinglePlan("K", 125, 2)),
        (1200, "15", SinglePlan("J", 80, 21)),
        (400, "0.65", SinglePlan("J", 80, 1)),
        (280, "0.65", SinglePlan("F", 20, 0)),
        (40, "1.5", SinglePlan("D", 8, 0)),
        (3000, "15", SinglePlan("J", 80, 21)),
    ],
)
def test_the_plan_for_a_lot_follows_the_arrows(lot: int, aql: str, plan: SinglePlan) -> None:
    assert single_plan(lot=lot, aql=aql) == plan
    assert plan.reject == plan.accept + 1


def test_tightened_inspection_accepts_less() -> None:
    found = [
        single_plan(lot=1200, aql=aql, severity=Severity.TIGHTENED).accept
        for aql in ("1.0", "1.5", "2.5", "4.0", "6.5", "10", "15")
    ]
    assert found == [1, 2, 3, 5, 8, 12, 18]


def test_no_plan_reviews_more_than_the_lot() -> None:
    assert single_plan(lot=10, aql="0.65").reviews <= 10


@pytest.mark.parametrize(
    "ask",
    [
        lambda: single_plan(lot=1200, aql="0.7"),
        lambda: single_plan(lot=1, aql="1.0"),
        lambda: single_plan(lot=1200, aql="1.0", level="S-1"),
        lambda: single_plan(lot=1200, aql="0.65", severity=Severity.TIGHTENED),
        lambda: single_plan(lot=1200, aql="1.0", severity=Severity.REDUCED),
    ],
    ids=list("abcde"),
)
def test_what_the_table_does_not_hold_is_said(ask: Callable[[], object]) -> None:
    with pytest.raises(InvalidInputError):
        ask()


def test_a_lot_five_times_worse_is_still_accepted_one_time_in_ten() -> None:
    # K with acceptance number 3 at 5.27 % defective.
    assert chance_of_accepting(SinglePlan("K", 125, 3), share=0.0527) == pytest.approx(
        0.10, abs=0.005
    )


def test_two_of_five_failed_lots_tighten_and_five_in_a_row_loosen() -> None:
    tightened = after_lots([True, False, True, True, False])
    assert tightened.severity is Severity.TIGHTENED
    assert after_lots([True] * 4, start=tightened).severity is Severity.TIGHTENED
    assert after_lots([True] * 5, start=tightened) == Switching()


def test_two_failures_further_apart_do_not_tighten() -> None:
    assert after_lots([False, True, True, True, True, False]).severity is Severity.NORMAL


def test_five_failures_on_tightened_stop_for_good() -> None:
    tightened = after_lots([False, False])
    stopped = after_lots([False, True, False, False, True, False, False], start=tightened)
    assert stopped.standing is Standing.STOPPED
    assert after_lot(stopped, accepted=True) == stopped


def test_a_long_clean_run_reduces_and_one_failure_ends_that() -> None:
    reduced = after_lots([True] * 15)
    assert reduced.severity is Severity.REDUCED
    assert after_lots([True] * 14).severity is Severity.NORMAL
    assert after_lot(reduced, accepted=False).severity is Severity.NORMAL


def test_the_score_begins_anew_where_a_tighter_limit_would_not_pass() -> None:
    score = after_lot(Switching(score=20), accepted=True, earns=0).score
    assert score == 0
    assert after_lot(Switching(score=20), accepted=True, earns=3).score == 23
