"""What counts as saying it again, by example."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.handoff.repetition import Said, asked_kinds, find_repetitions, reconstruction

BEFORE = (
    Said(by_customer=True, text="I want to return the vacuum cleaner of order #W2378156."),
    Said(by_customer=False, text="Could you please provide your email address?"),
    Said(by_customer=True, text="yusuf.rossi@example.com, zip code 19122."),
)


def seen(*after: tuple[str, str], held: tuple[str, ...] = ()) -> list[tuple[int, str, str]]:
    said = [Said(by_customer=who == "c", text=text) for who, text in after]
    found = find_repetitions(before=BEFORE, after=said, held=held)
    return [(one.index, str(one.sign), one.what) for one in found]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ([("h", "Could you please provide your email address?")], [(0, "asked_again", "email")]),
        ([("h", "May I have your order number?")], [(0, "asked_again", "order_id")]),
        (
            [("h", "What's your zip code and e-mail?")],
            [(0, "asked_again", "email"), (0, "asked_again", "zip")],
        ),
        ([("h", "What is your phone number?")], []),
        ([("h", "Is your email still yusuf.rossi@example.com?")], []),
        ([("h", "Please confirm your zip code.")], []),
        ([("h", "Please give me the order id of the other order.")], []),
        ([("h", "Which order number do you mean?")], []),
        ([("h", "I sent it to your email.")], []),
        (
            [("h", "Please share your email."), ("c", "Again: yusuf.rossi@example.com")],
            [(0, "asked_again", "email"), (1, "said_again", "email")],
        ),
        ([("c", "And what about #W2378156, when is it picked up?")], []),
        ([("c", "As I said, the cleaner is broken.")], [(0, "said_again", "story")]),
        ([("c", "How many times do I have to tell you?")], [(0, "said_again", "story")]),
        (
            [("c", "I want to return the vacuum cleaner of order #W2378156 today.")],
            [],
        ),
        ([("c", "Yes, please.")], []),
        (
            [("c", "My phone number is 415 555 0100."), ("h", "What is your phone number?")],
            [(1, "asked_again", "phone")],
        ),
    ],
)
def test_examples(after: list[tuple[str, str]], found: list[tuple[int, str, str]]) -> None:
    assert seen(*after) == found


def test_a_story_told_twice_is_a_repetition() -> None:
    story = "The blue kettle arrived cracked yesterday and the carrier left without taking photos."
    before = [Said(by_customer=True, text=story)]
    again = [Said(by_customer=True, text=f"So: {story}")]
    assert [one.what for one in find_repetitions(before=before, after=again)] == ["story"]


def test_what_the_bundle_held_counts_as_held() -> None:
    asked = ("h", "Tell me your phone number, please.")
    assert seen(asked, held=("+1 415 555 0100",)) == [(0, "asked_again", "phone")]


@given(st.lists(st.tuples(st.booleans(), st.text(max_size=60)), max_size=8))
def test_nothing_is_repeated_where_nothing_was_said(said: list[tuple[bool, str]]) -> None:
    agent = [Said(by_customer=False, text=text) for _who, text in said]
    assert find_repetitions(before=[], after=agent) == []


@given(st.text(max_size=200))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert asked_kinds(text) <= {"email", "order_id", "zip", "phone"}


def test_reading_time() -> None:
    at = datetime(2026, 11, 19, 14, 5, tzinfo=UTC)
    assert reconstruction(accepted_at=at, first_act_at=None) is None
    assert reconstruction(accepted_at=at, first_act_at=at + timedelta(minutes=2)) == timedelta(
        minutes=2
    )
    assert reconstruction(accepted_at=at, first_act_at=at - timedelta(1)) == timedelta(0)
