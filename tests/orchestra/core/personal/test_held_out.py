"""A slice of the held-out measurement: every kind is found, and nothing in what is nobody's."""

import pytest

from benchmarks.personal import measure
from benchmarks.personal_held_out import LEAST, make_rows, nobodys
from orchestra.core.personal.finding import find_personal
from orchestra.core.redaction import mask_text


@pytest.mark.parametrize("seed", [1, 2])
def test_every_kind_is_found_in_sentences_no_rule_was_tuned_on(seed: int) -> None:
    rows = make_rows(seed, each=60)
    table, wrong = measure(rows)
    assert {row.kind for row in table} >= {"email", "phone", "card", "iban", "national_id"}
    assert [row.kind for row in table if row.recall < LEAST] == [], wrong
    for row in rows:
        (_kind, start, end) = row["spans"][0]
        assert row["text"][start:end] not in mask_text(row["text"]), row["text"]


def test_nothing_is_found_in_what_is_nobodys() -> None:
    texts = nobodys(most=300)
    assert len(texts) == 300
    assert [text for text in texts if any(True for _ in find_personal(text))] == []


def test_the_same_seed_makes_the_same_sentences() -> None:
    assert make_rows(3, each=5) == make_rows(3, each=5) != make_rows(4, each=5)
