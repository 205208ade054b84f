"""Canonical JSON: RFC 8785 bytes, digests with a domain, and what is refused at the door."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from orchestra.core.canonical import canonical_bytes, check_text, digest, loads_strict, sha256_hex
from orchestra.core.errors import InvalidInputError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    # Beyond these an integral number is written without an exponent, and no reader of
    # integers may take it back.
    | st.floats(-(2.0**52), 2.0**52)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def test_the_rfc_example() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonical_bytes(value) == expected.encode()


def test_keys_are_ordered_by_utf_16() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\u0080", "\u00f6"]
    ordered = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(loads_strict(canonical_bytes(dict.fromkeys(keys, 0)))) == ordered


def test_unicode_is_not_normalised() -> None:
    assert canonical_bytes("\u00e9") != canonical_bytes("e\u0301")


@pytest.mark.parametrize(
    "value",
    [
        2**53,
        -(2**53),
        float("nan"),
        float("inf"),
        Decimal("1.10"),
        datetime(2026, 1, 1, tzinfo=UTC),
        UUID(int=1),
        {1: "a"},
        "\ud800",
        {"a": {1, 2}},
        b"bytes",
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInputError):
        canonical_bytes(value)


def test_a_digest_names_its_domain() -> None:
    expected = hashlib.sha256(b'orchestra.action.v1\n{"a":1}').hexdigest()
    assert digest("orchestra.action.v1", {"a": 1}) == expected
    assert digest("orchestra.view.v1", {"a": 1}) != expected
    assert sha256_hex(b"") == hashlib.sha256(b"").hexdigest()


@given(JSON)
def test_reading_what_was_written_gives_the_same_bytes(value: Any) -> None:
    written = canonical_bytes(value)
    assert canonical_bytes(loads_strict(written)) == written


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": {"b": 1, "b": 1}}', "twice"),
        (b"NaN", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"1e999", "too large"),
        (b'"\\ud800"', "surrogate"),
        (b'"\\u0000"', "U+0000"),
        (b'{"\\u0000": 1}', "U+0000"),
        (b'"\xff"', "UTF-8"),
        (b"{", "no JSON"),
        (b"", "no JSON"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(body: bytes, word: str) -> None:
    with pytest.raises(InvalidInputError, match=word.replace("+", r"\+")) as caught:
        loads_strict(body)
    assert caught.value.errors


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"a": [1, {"b": NaN}]}', "a[1].b"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "b.c"),
        (b'{"a": 1, "a": {"b": NaN}}', "a"),
        (b'{"a": -1e999}', "a"),
        (b'{"a": ' + b"1" * 500 + b"}", "a"),
        (b"Infinity", ""),
    ],
    ids=["NaN", "twice", "twice and NaN", "overflow", "digits", "whole"],
)
def test_what_is_refused_is_named_by_its_path(body: bytes, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        loads_strict(body)
    assert [error.field for error in caught.value.errors] == [field]


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert loads_strict('"\\ud83d\\ude00"') == "\U0001f600"


def test_the_path_of_a_bad_text_is_named() -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_text({"lines": [{"note": "ok"}, {"note": "\x00"}]}, "")
    assert caught.value.errors[0].field == "lines[1].note"


@given(JSON | st.floats(allow_nan=False, allow_infinity=False))
def test_the_quick_way_writes_what_the_reference_writes(value: Any) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [0.0001, -0.00012, 0.97, 1.0, -0.0, 1e15, 123456.5, 9e14 + 0.5])
def test_floats_at_the_edges_of_the_quick_way(value: float) -> None:
    assert canonical_bytes([value]) == rfc8785.dumps([value])
