"""Finding: what each kind looks like, what looks alike and is not, and the time it takes."""

import re
import time
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.clock import rfc3339
from orchestra.core.personal import addresses, finding, identities, secrets
from orchestra.core.personal.accounts import find_cards, find_ibans
from orchestra.core.personal.addresses import find_network_addresses, find_web_addresses
from orchestra.core.personal.finding import _WITH_DIGITS, _all, find_personal
from orchestra.core.personal.folding import count_digits
from orchestra.core.personal.identities import NUMBERS, find_identities, may_hold_national
from orchestra.core.personal.phones import find_phones, is_valid_phone
from orchestra.core.personal.types import Kind


def wide(text: str) -> str:
    """Return a text in full-width characters."""
    return "".join(chr(ord(one) + 0xFEE0) for one in text)


FOUND = [
    (Kind.EMAIL, "write to [noah.brown+x@mail.example.co.uk]."),
    (Kind.EMAIL, "it is [noah dot brown at example dot com], thanks"),
    (Kind.EMAIL, "it is [noah (at) example (dot) org]"),
    (Kind.EMAIL, f"[{wide('noah@example.com')}]"),
    (Kind.EMAIL, "mail [no\u200bah@example.com] now"),
    (Kind.PHONE, "call [+44 20 7183 8750]"),
    (Kind.PHONE, "my mobile: [07700 900 123]"),
    (Kind.PHONE, "Fax: [259.735.7502x459]"),
    (Kind.PHONE, "please call me on [9472 7916]"),
    (Kind.PHONE, "phone number is [5551234567]"),
    (Kind.PHONE, "the desk's phone is [391204]"),
    (Kind.PHONE, f"[{wide('333-555-0199')}]"),
    (Kind.PHONE, "at [03.93.92.16.85]"),
    (Kind.CARD, "[4242\u20134242\u20134242\u20134242]"),
    (Kind.CARD, "in 2025 4242 card [4242 4242 4242 4242]"),
    (Kind.CARD, f"[{wide('4242424242424242')}]"),
    (Kind.CARD, "my card [630427373398] is lost"),
    (Kind.IBAN, "pay [de89 3704 0044 0532 0130 00] today"),
    (Kind.IBAN, "[FR14 2004 1010 0505 0001 3M02 606]"),
    (Kind.IBAN, "IBAN [DE89370400440532013001]"),
    (Kind.NATIONAL_ID, "[219-09-4990]"),
    (Kind.NATIONAL_ID, "my social security number is [219094990]"),
    (Kind.NATIONAL_ID, "NI [AB 12 34 56 C]"),
    (Kind.NATIONAL_ID, "NHS [943 476 5870]"),
    (Kind.NATIONAL_ID, "Steuer-ID [36574261809]"),
    (Kind.NATIONAL_ID, "[2 95 10 99 126 111 93]"),
    (Kind.NATIONAL_ID, "[54362315K]"),
    (Kind.NATIONAL_ID, "[X-2482300W]"),
    (Kind.NATIONAL_ID, "[RCCMNL83S18D969H]"),
    (Kind.NATIONAL_ID, "BSN [1112.22.333]"),
    (Kind.NATIONAL_ID, "PESEL [44051401359]"),
    (Kind.NATIONAL_ID, "[131052-308T]"),
    (Kind.NATIONAL_ID, "[390.533.447-05]"),
    (Kind.NATIONAL_ID, "[756.9217.0769.85]"),
    (Kind.NATIONAL_ID, "SIN [123-456-782]"),
    (Kind.DRIVING_LICENCE, "my driver's license number is [F162823540116]"),
    (Kind.PASSPORT, "passport no. [C01X00T47]"),
    (Kind.IP_ADDRESS, "from [203.0.113.7], then"),
    (Kind.IP_ADDRESS, "from [2001:db8::8a2e:370:7334]"),
    (Kind.WEB_ADDRESS, "see [https://example.com/a?b=c]."),
    (Kind.SECRET, "password is [hunter2!x]"),
    (Kind.SECRET, "cvv [123]"),
    (Kind.SECRET, "key [AKIAIOSFODNN7EXAMPLE]"),
]

NOT_FOUND = [
    "order #W2378156 of 2026-11-20T19:21:44.318402Z",
    "items 6086499569 and 9523456873, 4602305039",
    "C-19822, AP-1204, CR-77",
    "case 0193a1b2-7c3d-7000-8000-0123456789ab",
    "call about order 5551234567",
    "I rang on 2026-11-20",
    "USD 3,131.10 and 12500",
    "BSN 123456789",
    "4242 4242 4242 4241",
    "version 1.2.3.4, 12:30:45, 127.0.0.1",
    "666-12-3456 and 123-45-678",
    "they met at noon. Dot came",
    "reset my password please; the password is wrong",
    "tracking 1Z999AA10123456784",
]


@pytest.mark.parametrize(("kind", "marked"), FOUND)
def test_a_find_says_what_and_where(kind: Kind, marked: str) -> None:
    start, end = marked.index("["), marked.index("]") - 1
    text = marked.replace("[", "").replace("]", "")
    finds = [(find.kind, text[find.start : find.end]) for find in find_personal(text)]
    assert finds == [(kind, text[start:end])]
    assert all(0 < find.confidence <= 1 for find in find_personal(text))


@pytest.mark.parametrize("text", NOT_FOUND)
def test_business_data_is_left_alone(text: str) -> None:
    assert find_personal(text) == []


def test_a_national_number_says_which() -> None:
    assert [find.label for find in find_personal("219-09-4990 and 54362315K")] == [
        "us_ssn",
        "es_dni",
    ]


@pytest.mark.parametrize(
    ("number", "valid"),
    [("+44 20 7183 8750", True), ("0044 20 7183 8750", True), ("+44 1", False), ("x", False)],
)
def test_valid_phones(number: str, valid: bool) -> None:
    assert is_valid_phone(number) is valid


@given(st.text(alphabet="a@. +-()0189#:/\u200b\uff14 dotDE\n", max_size=80))
def test_finds_are_in_order_apart_and_inside(text: str) -> None:
    finds = find_personal(text)
    ends = [0, *(find.end for find in finds)]
    for end, find in zip(ends, finds, strict=False):
        assert end <= find.start < find.end <= len(text)


HARD = [
    "1", "1 ", "12-", "1.", "a@", "@", "a.", " at a dot b", "GB82 ", "(", "+1 ", "a:", "ABCDEF",
    "X1", "a-", "1\u200b2", "password ", "driving licence ", "eyJ", "lorem ipsum dolor ",
]  # fmt: skip


def test_time_grows_with_the_text_and_no_faster() -> None:
    slow = []
    for unit in HARD:
        short, long = (_seconds((unit * size)[:size]) for size in (20_000, 80_000))
        # Four times the text may take four times as long; squared growth would take sixteen.
        if long > 9 * short + 0.1:
            slow.append((unit, short, long))
    assert slow == []


def _seconds(text: str) -> float:
    """Return the least of three: whatever else the machine does only adds."""
    taken = []
    for _ in range(3):
        started = time.process_time()
        find_personal(text)
        taken.append(time.process_time() - started)
    return min(taken)


def test_ten_million_characters_are_searched() -> None:
    text = "The customer asked about an order and was told. " * 208_334
    where = len(text) // 2
    text = f"{text[:where]} noah@example.com {text[where:]}"
    assert len(text) > 10_000_000
    assert [find.kind for find in find_personal(text)] == [Kind.EMAIL]


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.uuids(),
    st.binary(min_size=32, max_size=32),
)
def test_times_ids_and_digests_are_nobodys_numbers(at: datetime, id_: UUID, digest: bytes) -> None:
    for text in (rfc3339(at), at.isoformat(), str(id_), digest.hex()):
        assert find_personal(text) == [], text
        assert find_personal(f"At {text}, call +1 415 555 2671.")[0].kind is Kind.PHONE


def test_a_number_beside_a_time_is_still_found() -> None:
    text = "2026-11-29T01:52:03.123456Z 4111 1111 1111 1111"
    assert [(find.kind, text[find.start : find.end]) for find in find_personal(text)] == [
        (Kind.CARD, "4111 1111 1111 1111")
    ]


def of_form(form: str | re.Pattern[str]) -> st.SearchStrategy[str]:
    """Make texts of a form, as they are once folded."""
    return st.from_regex(form, fullmatch=True, alphabet=st.characters(codec="ascii"))


@given(st.sampled_from(NUMBERS).flatmap(lambda number: of_form(number.form)))
def test_the_one_pass_over_all_countries_misses_no_form(number: str) -> None:
    assert may_hold_national(f"it is {number}, yes")
    assert identities.has_room(number)


@given(
    st.sampled_from([find_ibans, find_cards, find_phones, find_network_addresses, find_identities]),
    st.text(alphabet="012+ .-/()aAbBdDeEtTlL:x", max_size=60),
)
def test_a_finder_that_is_passed_over_had_nothing_to_find(finder: Any, text: str) -> None:
    (fewest,) = (number for number, one in _WITH_DIGITS if one is finder)
    assert count_digits(text) >= fewest or not list(finder(text))


@given(of_form(addresses._IPV4), of_form(addresses._IPV6), of_form(addresses._WEB))
def test_what_is_looked_at_before_an_address_hides_none(four: str, six: str, web: str) -> None:
    assert four.count(".") == 3
    assert six.count(":") >= 2
    assert list(find_web_addresses(web))


@given(of_form(finding._MACHINE))
def test_every_time_id_and_digest_is_taken_out(text: str) -> None:
    assert finding._without_machines(text) == "x" * len(text)


@given(
    st.sampled_from([secrets._TOKENS, secrets._KEY_BLOCK, secrets._BEARER, secrets._NAMED,
        secrets._CODES]).flatmap(of_form)
)  # fmt: skip
def test_what_is_looked_at_before_a_secret_hides_none(text: str) -> None:
    found = list(secrets.find_secrets(text))
    with patch.multiple(secrets, _FEWEST_IN_TOKEN=0, _FEWEST_IN_CODE=0, _NAMES=("",)):
        assert list(secrets.find_secrets(text)) == found


@given(st.from_regex(r"[a-z]{1,20}(?:\.[a-z]{1,20}){0,3}", fullmatch=True))
def test_what_is_passed_over_as_a_code_holds_nothing(text: str) -> None:
    assert list(_all(text)) == [] or text.startswith("www.")


def test_an_address_is_no_code() -> None:
    assert [find.kind for find in find_personal("www.example.com")] == [Kind.WEB_ADDRESS]
