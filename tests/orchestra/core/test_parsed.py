"""Parsed once for each digest, and never more than so many kept."""

import pytest

from orchestra.core.parsed import ParsedDocuments


def test_a_digest_is_parsed_once() -> None:
    kept: ParsedDocuments[list[str]] = ParsedDocuments(most=2)
    first = kept.get("a", lambda: ["parsed"])
    assert kept.get("a", lambda: pytest.fail("parsed again")) is first


def test_the_longest_unused_goes_first() -> None:
    kept: ParsedDocuments[str] = ParsedDocuments(most=2)
    for digest in ("a", "b", "a", "c"):
        kept.get(digest, lambda: "old")
    assert [kept.get(digest, lambda: "new") for digest in ("a", "c", "b")] == ["old", "old", "new"]


def test_what_cannot_be_parsed_is_not_kept() -> None:
    kept: ParsedDocuments[int] = ParsedDocuments(most=2)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 1) == 1
