"""Folding: what a character is read as, and that the way back leads home."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.personal.folding import fold, fold_character


@pytest.mark.parametrize(
    ("character", "plain"),
    [
        ("\uff14", "4"),
        ("\u0664", "4"),
        ("\u200b", ""),
        ("\u00ad", ""),
        ("\u00a0", " "),
        ("\u2013", "-"),
        ("\u2212", "-"),
        ("\uff20", "@"),
        ("⑴", "(1)"),
        ("é", "é"),
        ("a", "a"),
    ],
)
def test_a_character(character: str, plain: str) -> None:
    assert fold_character(character) == plain


def test_spans_lead_back_past_what_takes_no_room_and_what_became_several() -> None:
    text = "x\u200by⑴z\uff14"
    folded = fold(text)
    assert folded.text == "xy(1)z4"
    assert folded.span(0, 2) == (0, 3)
    assert folded.span(1, 5) == (2, 4)
    assert folded.span(3, 4) == (3, 4)
    assert folded.span(5, 7) == (4, 6)


@given(st.text(alphabet="ab1\u200b\uff14⑴é•\u00a0 -", max_size=40))
def test_every_character_leads_back_to_what_it_was_folded_from(text: str) -> None:
    folded = fold(text)
    assert folded.text == "".join(fold_character(one) for one in text)
    for index, character in enumerate(folded.text):
        start, end = folded.span(index, index + 1)
        assert character in fold_character(text[start:end])
