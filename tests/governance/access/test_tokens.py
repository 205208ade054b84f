"""The shape of a token."""

import hashlib

import pytest

from governance.access.tokens import find_prefix, hash_token, new_token


def test_a_new_token_names_itself() -> None:
    named, token = new_token()
    scheme, prefix, secret = token[:3], token[4:12], token[13:]
    assert prefix == named
    assert (scheme, token[3], token[12]) == ("orc", "_", "_")
    assert (len(prefix), len(secret)) == (8, 43)
    assert find_prefix(token) == prefix


def test_no_two_tokens_are_alike() -> None:
    assert len({new_token() for _ in range(200)}) == 200


def test_the_digest_covers_the_whole_token() -> None:
    _prefix, token = new_token()
    assert hash_token(token) == hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "orc_",
        "orc_abcd1234_" + "a" * 42,
        "orc_abcd1234_" + "a" * 44,
        "orc_ABCD1234_" + "a" * 43,
        "orc_abcd123é_" + "a" * 43,
        "abc_abcd1234_" + "a" * 43,
        "orc_abcd1234-" + "a" * 43,
        "orc_abcd1234_" + "a" * 43 + "\n",
        "orc_abcd1234_" + "a" * 42 + "\x00",
    ],
)
def test_what_is_not_shaped_like_one_has_no_prefix(text: str) -> None:
    assert find_prefix(text) is None
