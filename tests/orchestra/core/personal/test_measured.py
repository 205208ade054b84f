"""Recall and precision on other people's sentences, and the interval around a share."""

import pytest

from benchmarks.personal import ALL, half_of, measure, read_rows, wilson

ENOUGH = 30


@pytest.mark.parametrize("part", ["A", "B", ""])
def test_what_has_a_form_is_found(part: str) -> None:
    table, wrong = measure(read_rows(part))
    overall = next(row for row in table if row.kind == ALL)
    assert overall.present > 100
    assert overall.recall >= 0.98, wrong
    assert overall.precision >= 0.98, wrong
    for row in table:
        if row.present >= ENOUGH:
            assert (row.kind, row.recall) >= (row.kind, 0.98), wrong


def test_no_wording_is_in_both_halves() -> None:
    halves = [{row["template"] for row in read_rows(part)} for part in "AB"]
    assert halves[0].isdisjoint(halves[1])
    assert half_of(7) == half_of(7)
    assert sum(len(read_rows(part)) for part in "AB") == len(read_rows()) == 1500


@pytest.mark.parametrize(
    ("good", "total", "low", "high"),
    [(0, 0, 0.0, 1.0), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (50, 100, 0.4038, 0.5962)],
)
def test_wilson(good: int, total: int, low: float, high: float) -> None:
    assert wilson(good, total) == pytest.approx((low, high), abs=1e-4)
