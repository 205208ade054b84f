"""How a text falls into clauses and counted words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.intake.words import MOST_CLAUSES, clauses_of, stem_of, words_of


@pytest.mark.parametrize(
    ("words", "stem"),
    [
        (["cancel", "cancels", "cancelling", "canceling"], "cancel"),
        (["cancelled"], "cancelled"),
        (["return", "returning", "returns"], "return"),
        (["exchange", "exchanges", "exchanging"], "exchang"),
        (["modify", "modifies", "modifying"], "modif"),
        (["address", "addresses"], "addres"),
        (["ship", "shipping", "ships"], "ship"),
        (["delivery", "deliveries", "deliver"], "deliver"),
        (["status"], "status"),
        (["pay"], "pay"),
    ],
)
def test_forms_of_a_word_are_one(words: list[str], stem: str) -> None:
    assert {stem_of(word) for word in words} == {stem}


def test_numbers_addresses_and_small_words_are_not_counted() -> None:
    text = "I want to return #W1234567 and 1151293680, write to mia@example.com please"
    assert [word.stem for word in words_of(text)] == ["return", "writ"]


def test_what_is_not_wanted_is_another_word() -> None:
    assert [word.stem for word in words_of("I do not want to cancel")] == ["not_cancel"]
    curly = "I don\N{RIGHT SINGLE QUOTATION MARK}t want to cancel"
    assert [word.stem for word in words_of(curly)] == ["not_cancel"]


def test_clauses_know_what_they_hang_on() -> None:
    clauses = clauses_of(
        "I want to return the lamp, and change the address. If that fails, cancel it."
        " I never want to exchange it"
    )
    assert [(c.text, c.conditional, c.unwanted) for c in clauses] == [
        ("I want to return the lamp", False, False),
        ("and change the address", False, False),
        ("If that fails, cancel it", True, False),
        ("I never want to exchange it", False, True),
    ]


def test_what_comes_then_hangs_on_the_same_condition() -> None:
    clauses = clauses_of("If it is sold out, then cancel it. Then return the lamp or exchange it")
    assert [(c.text, c.conditional, c.alternative) for c in clauses] == [
        ("If it is sold out", True, False),
        ("cancel it", True, False),
        ("return the lamp", False, False),
        ("or exchange it", False, True),
    ]


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    for clause in clauses_of(text):
        assert clause.words


@pytest.mark.parametrize("unit", ["a ", " ", ", ", "if ", "do not ", "\n", ". ", "#W1 ", "a@b."])
def test_the_longest_text_is_read_at_once(unit: str) -> None:
    started = time.perf_counter()
    clauses = clauses_of((unit * 20_000)[:20_000])
    assert len(clauses) <= MOST_CLAUSES
    assert time.perf_counter() - started < 1
