"""When a period is over, which hold keeps a record, and what a run adds up to."""

from datetime import timedelta

import pytest

from governance.privacy.types import Holds, Span, SubjectCase
from governance.retention import rules
from governance.retention.types import Batch, CaseRef, Due, Figures
from tests.conftest import NOW

DAY = timedelta(days=1)
CASE = CaseRef(SubjectCase("case-1", "C-1", NOW - 900 * DAY, NOW - 800 * DAY), "customer-1")
OF_CASE = Due(1, NOW - 800 * DAY, 3, (CASE,))
OF_NOBODY = Due(2, NOW - 800 * DAY, 1)


def during(first: int, last: int) -> Holds:
    return Holds(spans=(Span(NOW - first * DAY, NOW - last * DAY),))


@pytest.mark.parametrize(
    ("due", "holds", "held"),
    [
        (OF_CASE, Holds(cases=frozenset({"case-1"})), True),
        (OF_CASE, Holds(cases=frozenset({"case-2"})), False),
        (OF_CASE, Holds(customers=frozenset({"customer-1"})), True),
        (OF_CASE, Holds(customers=frozenset({""})), False),
        (OF_CASE, during(850, 840), True),
        (OF_CASE, during(799, 700), False),
        (OF_CASE, during(1000, 901), False),
        (OF_NOBODY, during(801, 799), True),
        (OF_NOBODY, during(799, 700), False),
        (OF_NOBODY, Holds(cases=frozenset({"case-1"})), False),
    ],
)
def test_what_a_hold_keeps(due: Due, holds: Holds, *, held: bool) -> None:
    assert rules.holding(due, [("LH-7", holds)]) == ("LH-7" if held else "")


def test_the_first_hold_is_named_and_a_record_counts_once() -> None:
    holds = [("LH-1", Holds(cases=frozenset({"case-1"}))), ("LH-2", during(900, 1))]
    going, held = rules.part(Batch([OF_CASE, OF_NOBODY], None), holds)
    assert (going, held) == ([], [("LH-1", OF_CASE), ("LH-2", OF_NOBODY)])
    figures = rules.add(Figures("case_words", 730), gone=5, held=held)
    figures = rules.add(figures, gone=2, held=[])
    assert (figures.gone, figures.held) == (7, 4)
    assert figures.held_by == {"LH-1": 3, "LH-2": 1}
    assert figures.oldest == NOW - 800 * DAY
    assert rules.read_figures(rules.as_json(figures)) == figures


def test_an_entry_of_a_run_says_counts_by_class_and_the_oldest_that_is_kept() -> None:
    figures = [
        Figures("case_words", 730, gone=4, held=1, oldest=NOW - DAY),
        Figures("notices", 90),
    ]
    assert rules.recorded(figures) == {
        "classes": [
            {"name": "case_words", "days": 730, "gone": 4, "held": 1},
            {"name": "notices", "days": 90, "gone": 0, "held": 0},
        ],
        "oldest": rules.rfc3339(NOW - DAY),
    }
    assert rules.recorded([])["oldest"] == ""


@pytest.mark.parametrize(
    ("days", "allowed"), [(182, False), (183, True), (36_500, True), (36_501, False)]
)
def test_no_period_is_shorter_than_what_asks_for_it(days: int, *, allowed: bool) -> None:
    assert rules.is_allowed(days=days, least=183) is allowed


def test_a_period_counts_back_from_the_moment_of_the_run() -> None:
    assert rules.ends_before(now=NOW, days=2) == NOW - 2 * DAY
