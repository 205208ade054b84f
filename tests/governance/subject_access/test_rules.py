"""What a person may read of what is held: their own, nobody else's, and staff as roles."""

import pytest

from governance.subject_access import rules

READER = rules.Reader(
    own=["mia@example.com", "+49 30 901820", "customer_7", "4111 1111 1111 1111"],
    staff={"Maren Osei": "a supervisor", "Maren": "a supervisor"},
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Write to mia@example.com.", "Write to mia@example.com."),
        ("Write to MIA@example.com.", "Write to MIA@example.com."),
        ("Maren Osei called.", "a supervisor called."),
        ("Marenstrasse 5", "Marenstrasse 5"),
        ("Paid with 4111111111111111.", "Paid with 4111111111111111."),
        ("Order #W123 of 12 May", "Order #W123 of 12 May"),
    ],
)
def test_what_is_theirs_is_told(text: str, told: str) -> None:
    assert rules.tell_text(text, READER) == told


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Her brother's is otto@example.org.", "otto@example.org"),
        ("mia@example.com or otto@example.org", "otto@example.org"),
        ("Card 5555 5555 5555 4444 was used.", "5555 5555 5555"),
        ("IBAN DE89 3704 0044 0532 0130 00", "0532 0130"),
    ],
)
def test_what_is_another_persons_is_masked(text: str, hidden: str) -> None:
    assert hidden not in rules.tell_text(text, READER)


def test_values_are_told_by_key_and_by_text() -> None:
    found = rules.tell_value(
        {
            "email": "mia@example.com",
            "other": {"email": "otto@example.org", "zip": "10115"},
            "notes": ["Maren Osei asked", {"phone": "+49 30 1234567"}],
            "count": 3,
            "password": "hunter2",
        },
        READER,
    )
    assert found["email"] == "mia@example.com"
    assert "otto@" not in found["other"]["email"]
    assert found["other"]["zip"] != "10115"
    assert found["notes"][0] == "a supervisor asked"
    assert "1234567" not in found["notes"][1]["phone"]
    assert (found["count"], found["password"] == "hunter2") == (3, False)


def test_what_the_person_said_themselves_is_theirs() -> None:
    own = rules.own_data(["My card is 5555 5555 5555 4444, call me."])
    assert own == {"5555 5555 5555 4444"}
