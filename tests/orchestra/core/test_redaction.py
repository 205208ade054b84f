"""What is masked on display, and what is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.redaction import mask, mask_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mail yusuf.rossi7301@example.com now", "mail y•••@•••.com now"),
        ("card 4111 1111 1111 1111 please", "card •••• 1111 please"),
        ("4111111111111112 fails the check", "4111111111111112 fails the check"),
        ("order #W2378156, item 1151293680", "order #W2378156, item 1151293680"),
        ("call +1 415 555 0132", "call ••• 32"),
        ("call (415) 555-0132", "call ••• 32"),
        ("pay to DE89 3704 0044 0532 0130 00", "pay to •••• 3000"),
        ("on 2026-11-19 at 10.30 for $1,126.04", "on 2026-11-19 at 10.30 for $1,126.04"),
        ("0190a5f0-7c1e-7d2b-8a3c-1234567890ab", "0190a5f0-7c1e-7d2b-8a3c-1234567890ab"),
    ],
)
def test_what_is_masked(text: str, shown: str) -> None:
    assert mask_text(text) == shown


def test_personal_keys_are_hidden_whole() -> None:
    value = {"zip": "19122", "address1": "763 Broadway", "items": [{"email": "a@b.co"}], "n": 3}
    assert mask(value) == {
        "zip": "•••",
        "address1": "•••",
        "items": [{"email": "a•••@•••.co"}],
        "n": 3,
    }


@given(st.from_regex(r"[a-z]{2,8}[0-9]{0,4}@[a-z]{2,10}\.(com|org|net)", fullmatch=True))
def test_no_address_survives(address: str) -> None:
    assert address not in mask_text(f"write to {address}, please")


@given(st.text(max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    assert mask_text(mask_text(text)) == mask_text(text)
