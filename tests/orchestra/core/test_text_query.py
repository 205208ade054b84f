"""What is asked for, as either database wants it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.text_query import MAX_TERMS, Query, parse_query


@pytest.mark.parametrize(
    ("text", "terms", "banned"),
    [
        ("Return window", [("return",), ("window",)], []),
        ("return RETURN", [("return",)], []),
        ('"gift card" refund', [("gift", "card"), ("refund",)], []),
        ("refund -fraud", [("refund",)], [("fraud",)]),
        ('refund -"gift card"', [("refund",)], [("gift", "card")]),
        ("e-mail", [("e",), ("mail",)], []),
        ("how do I return it?", [("return",)], []),
        ("the of and", [], []),
        ("", [], []),
        ("'); DROP TABLE x; --", [("drop",), ("table",), ("x",)], []),
        ('"open phrase', [("open",), ("phrase",)], []),
        ("W2378156", [("w2378156",)], []),
        ("Rückgabe 退货", [("rückgabe",), ("退货",)], []),
    ],
)
def test_words_are_found(
    text: str, terms: list[tuple[str, ...]], banned: list[tuple[str, ...]]
) -> None:
    assert parse_query(text) == Query(tuple(terms), tuple(banned))


def test_both_forms_say_the_same() -> None:
    query = parse_query('"gift card" refund -fraud')
    assert query.to_websearch(any_term=False) == '"gift card" "refund" -"fraud"'
    assert query.to_websearch(any_term=True) == '"gift card" or "refund"'
    assert query.to_banned() == '"fraud"'
    assert query.to_fts5(any_term=False) == '("gift card" AND "refund") NOT ("fraud")'
    assert query.to_fts5(any_term=True) == '("gift card" OR "refund") NOT ("fraud")'


@given(st.text())
def test_only_letters_and_digits_come_out(text: str) -> None:
    query = parse_query(text)
    assert len(query.terms) <= MAX_TERMS
    for any_term in (False, True):
        bare = re.sub(r'"[^\W_]+( [^\W_]+)*"', "", query.to_fts5(any_term=any_term))
        assert re.sub(r"AND|OR|NOT|[() ]", "", bare) == ""
