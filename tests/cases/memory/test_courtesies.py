"""Which words ask for nothing: what is polite, what is automatic, and what only seems so."""

import pytest

from cases.memory.courtesies import ends_quietly, is_automatic, is_thanks, says_nothing


@pytest.mark.parametrize(
    "text",
    [
        "Thank you!",
        "Thanks a lot, have a great day.",
        "Perfect, thank you very much for your help",
        "Cheers, all good now.",
        "Thanks, you\u2019ve been very helpful!",
    ],
)
def test_thanks_leave_a_case_resolved(text: str) -> None:
    assert is_thanks(text)
    assert ends_quietly(text)


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but the parcel is still missing.",
        "Thank you. When does it arrive?",
        "Thanks for nothing, I want a refund.",
        "Thank you, it does not work.",
        "Thanks. My lamp exploded.",
        "Somebody used my card, thanks.",
        "It came back.",
        "",
        "thanks " * 400,
    ],
)
def test_thanks_with_more_in_them_are_no_mere_thanks(text: str) -> None:
    assert not is_thanks(text)
    assert not ends_quietly(text)


@pytest.mark.parametrize(
    "text",
    [
        "I am out of the office until Monday and will answer then.",
        "AUTOMATIC REPLY: We received your message.",
        "This is an automated message, please do not reply.",
        "I am currently on holiday.",
    ],
)
def test_a_mailbox_answers_by_itself(text: str) -> None:
    assert is_automatic(text)
    assert ends_quietly(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", True),
        ("Good morning!", True),
        ("Hi, is anybody there?", True),
        ("Yes, please.", True),
        ("My e-mail is", True),
        ("", True),
        ("I want to return the shoes", False),
        ("Hello, my lamp is broken", False),
        ("Where is my order?", False),
        ("Zzz qqq.", False),
    ],
)
def test_a_greeting_names_no_need(text: str, *, expected: bool) -> None:
    assert says_nothing(text) is expected
