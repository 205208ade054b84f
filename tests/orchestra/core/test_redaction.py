"""Masking: what is hidden, what stays, and that it settles at once."""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core import redaction
from orchestra.core.redaction import (
    mask,
    mask_text,
    mask_value,
    masked_parts,
    passes_iban_check,
    passes_luhn,
)

MASKED = [
    ("write to noah.brown7922@example.com today", "write to n•••@•••.com today"),
    ("a+b@mail.shop.example.co.uk", "a•••@•••.uk"),
    ("card 4242 4242 4242 4242 please", "card •••• 4242 please"),
    ("card 4242424242424242", "card •••• 4242"),
    ("amex 3782-822463-10005", "amex •••• 0005"),
    ("DE89 3704 0044 0532 0130 00 is my account", "•••• 3000 is my account"),
    ("GB82WEST12345698765432", "•••• 5432"),
    ("call +1 (555) 123-4567", "call ••• 67"),
    ("call +442071838750.", "call ••• 50."),
    ("call 555-123-4567 or (555) 123-4568", "call ••• 67 or ••• 68"),
    ("ring 030 1234567", "ring ••• 67"),
    ("ring 0049 30 1234567", "ring ••• 67"),
    ("my SSN is 219-09-4990", "my SSN is ••• 90"),
    ("passport C01X00T47", "passport ••• 47"),
    ("from 203.0.113.7", "from •••"),
    ("password is hunter2!x", "password is •••"),
    ("noah dot brown at example dot com", "n•••@•••.com"),
    ("https://example.com/track?mail=1", "https://•••"),
    ("www.example.com/?id=1", "www.•••"),
]

SHOWN = [
    "order #W5199551 of 2026-11-20",
    "at 2026-11-20T19:21:44.318402Z",
    "item 6086499569 and 9523456873",
    "USD 3,131.10 and 12500",
    "case 0193a1b2-7c3d-7000-8000-0123456789ab",
    "4242 4242 4242 4241",
    "reference 1111 2222 3333 4445",
    "DE89370400440532013001",
    "paid with gift_card_1234567",
    "mail @ home, x@y",
    "https://example.com/help",
    "",
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_personal_data_is_masked(text: str, expected: str) -> None:
    assert mask_text(text) == expected


@pytest.mark.parametrize("text", SHOWN)
def test_business_data_stays(text: str) -> None:
    assert mask_text(text) == text


def test_values_are_masked_by_text_and_by_key() -> None:
    value: dict[str, Any] = {
        "email": "mei@example.org",
        "phone": "5551234567",
        "home_phone": "",
        "address1": "445 Elm Drive",
        "city": "Chicago",
        "api_key": "k-1",
        "token": {"a": 1},
        "note": ["ring 555-123-4567", 5551234567, True, None],
        "author": "Ann",
        "ssn": "219094990",
    }
    before = dict(value)
    assert mask_value(value) == {
        "email": "m•••@•••.org",
        "phone": "••• 67",
        "home_phone": "",
        "address1": "•••",
        "city": "Chicago",
        "api_key": "•••",
        "token": "•••",
        "note": ["ring ••• 67", 5551234567, True, None],
        "author": "Ann",
        "ssn": "•••• 90",
    }
    assert value == before
    assert mask is mask_value


@pytest.mark.parametrize(
    ("digits", "good"),
    [("4242424242424242", True), ("79927398713", True), ("79927398710", False), ("0", True)],
)
def test_luhn(digits: str, good: bool) -> None:
    assert passes_luhn(digits) is good


def test_iban_check() -> None:
    assert passes_iban_check("DE89370400440532013000")
    assert not passes_iban_check("DE88370400440532013000")


@given(st.text(alphabet="ab@. +-()0123456789#DEW", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once


@given(st.text(alphabet="ab@. +-()0123456789#DEW", max_size=60) | st.text())
def test_a_text_that_is_known_is_shown_as_at_first(text: str) -> None:
    with patch.object(redaction, "_CLEAN", set()):
        first = mask_text(text)
        assert mask_text(text) == first
        assert len(redaction._CLEAN) == (first == text)
    assert mask_text(text) == first


def test_no_more_than_so_many_are_known() -> None:
    with patch.multiple(redaction, _CLEAN=set(), _MOST_CLEAN=3):
        for number in range(8):
            assert mask_text(f"Nothing {number}.") == f"Nothing {number}."
            assert len(redaction._CLEAN) <= 3


@given(st.recursive(st.text(max_size=20) | st.integers() | st.none(), st.lists, max_leaves=8))
def test_the_shape_stays(value: Any) -> None:
    def shape(item: Any) -> Any:
        return [shape(each) for each in item] if isinstance(item, list) else type(item)

    assert shape(mask_value(value)) == shape(value)


@pytest.mark.parametrize(
    "text",
    ["", "Nothing.", "Write to mia@example.com, please.", "mia@example.com +49 30 1234567 call"],
)
def test_parts_joined_are_the_masked_text_and_cover_all_of_it(text: str) -> None:
    parts = masked_parts(text)
    assert "".join(shown for _start, _end, shown in parts) == mask_text(text)
    assert [start for start, _end, _shown in parts] == [0, *(end for _s, end, _t in parts)][:-1]
    assert sum(end - start for start, end, _shown in parts) == len(text)
