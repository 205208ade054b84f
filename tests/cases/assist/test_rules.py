"""What is suggested from a message: words, drafts that never guess, cases that are alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.assist.rules import (
    MOST_CASES,
    MOST_WORDS,
    alike,
    draft_of,
    heard_in,
    is_edited,
    next_cue,
    question_of,
    similar_cases,
    stems_of,
)
from cases.assist.types import Cue, Known, PastCase, Rests

CUE = Cue(
    key="tell",
    title="Tell the customer",
    owner="human_agent",
    sheet="Return items",
    version=2,
    draft="The return for {order_id} is requested, {customer}.",
)


def known(**claimed: str) -> Known:
    return Known(confirmed={"customer": "Mia"}, claimed=claimed)


def test_the_search_gets_the_words_that_say_something() -> None:
    assert question_of("Hello! I want to exchange the keyboard, the keyboard please.") == (
        "exchange keyboard"
    )


@given(st.text(max_size=400))
def test_the_search_is_never_asked_for_more_than_it_can_tell_apart(text: str) -> None:
    assert len(question_of(text).split()) <= MOST_WORDS


@pytest.mark.parametrize("text", ["", "   ", "<script>alert(1)</script>", "?!", "日本語だけ"])
def test_words_that_say_nothing_bring_nothing_up(text: str) -> None:
    assert similar_cases(text, []) == []
    assert heard_in(text, stems={"keyboard"}) == ""


def test_what_brought_it_up_is_the_clause_that_holds_it() -> None:
    text = "Hello there. I want to exchange a mechanical keyboard. Thanks!"
    assert "mechanical keyboard" in heard_in(text, stems=stems_of("keyboard"))


def test_a_draft_that_rests_on_the_customers_words_alone_says_so() -> None:
    [draft] = draft_of(CUE, known(order_id="#W1"))
    assert draft.text == "The return for #W1 is requested, Mia."
    assert draft.rests is Rests.CLAIMED
    assert draft.heard == "#W1"


def test_what_a_tool_confirmed_stands_before_what_was_claimed() -> None:
    both = Known(confirmed={"customer": "Mia", "order_id": "#W2"}, claimed={"order_id": "#W1"})
    [draft] = draft_of(CUE, both)
    assert "#W2" in draft.text
    assert draft.rests is Rests.CONFIRMED
    assert draft.heard == ""


def test_a_draft_with_a_gap_is_none() -> None:
    assert draft_of(CUE, known()) == []
    assert draft_of(CUE, known(order_id="")) == []
    assert draft_of(None, known(order_id="#W1")) == []


def test_a_value_that_looks_like_a_place_is_not_filled_again() -> None:
    [draft] = draft_of(CUE, known(order_id="{customer}"))
    assert draft.text == "The return for {customer} is requested, Mia."


def test_the_cue_that_is_due_names_its_sheet_and_version() -> None:
    [cue] = next_cue(CUE)
    assert (cue.text, cue.source_label, cue.source_number) == (
        "Tell the customer",
        "Return items",
        2,
    )
    assert next_cue(None) == []


def past(number: int, text: str) -> PastCase:
    return PastCase(public_id=str(number), label=f"C-{number}", stems=stems_of(text))


def test_the_likest_cases_come_first_and_the_unlike_never() -> None:
    found = alike(
        stems_of("exchange the mechanical keyboard for a clicky one"),
        [
            past(1, "exchange a lamp"),
            past(2, "exchange a mechanical keyboard, clicky"),
            past(3, "where is the parcel"),
        ],
    )
    assert [one.label for one in found][:1] == ["C-2"]
    assert "C-3" not in [one.label for one in found]
    assert len(found) <= MOST_CASES


@pytest.mark.parametrize(
    ("offered", "sent", "edited"),
    [("It is done.", "It is  done.\n", False), ("It is done.", "It is done!", True)],
)
def test_spaces_are_no_edit(offered: str, sent: str, *, edited: bool) -> None:
    assert is_edited(offered=offered, sent=sent) is edited
