from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from orchestra.core import words

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (112604, "USD", "$1,126.04"),
        (-4255, "USD", "-$42.55"),
        (0, "EUR", "€0.00"),
        (1250, "CHF", "CHF 12.50"),
        (1250, "JPY", "¥1,250"),
        (1250, "KWD", "KWD 1.250"),
        (50_000, "VND", "VND 50,000"),
        (12_345, "CLF", "CLF 1.2345"),
    ],
)
def test_money_reads_with_its_currencys_digits(minor: int, currency: str, text: str) -> None:
    assert words.money(minor=minor, currency=currency) == text


@pytest.mark.parametrize(
    ("minutes", "text", "urgency"),
    [
        (0.5, "in 30 s", "now"),
        (12, "in 12 min", "now"),
        (30, "in 30 min", "soon"),
        (59, "in 59 min", "soon"),
        (60, "in 1 h 00", ""),
        (65, "in 1 h 05", ""),
        (3 * 24 * 60, "in 3 d", ""),
        (-12, "12 min over", "now"),
    ],
)
def test_deadlines_read_as_time_left(minutes: float, text: str, urgency: str) -> None:
    at = NOW + timedelta(minutes=minutes)
    assert words.due(at=at, now=NOW) == text
    assert words.urgency(at=at, now=NOW) == urgency


def test_digests_are_shown_by_their_ends() -> None:
    assert words.short_digest("7c410be9" + "0" * 52 + "52fd") == "7c41 0be9 … 52fd"
    assert words.short_digest("short") == "short"


def test_machine_times_in_a_sentence_become_times_of_day() -> None:
    with timezone.override("America/New_York"):
        text = words.with_clock("taken until 2026-11-19T19:05:00.123456Z")
    assert text == "taken until 14:05"


def test_a_moment_that_lies_ahead_was_not_ago() -> None:
    assert words.ago(at=NOW + timedelta(minutes=1), now=NOW) == "0 s ago"
    assert words.ago(at=NOW - timedelta(minutes=2), now=NOW) == "2 min ago"


def test_a_day_is_that_of_the_reader() -> None:
    late = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    assert words.day(late) == "20 Nov 2026"
    with timezone.override("America/New_York"):
        assert words.day(late) == "19 Nov 2026"
        assert words.day(late, "j M") == "19 Nov"


def test_what_stands_within_a_value_is_told_by_its_names() -> None:
    answer = {
        "order": {"items": [{"name": "Lamp", "sizes": ["S", "M"]}], "gift": False},
        "note": "",
    }

    assert [(name, words.value(one)) for name, one in words.leaves(answer)] == [
        ("order items 1 name", "Lamp"),
        ("order items 1 sizes", "S, M"),
        ("order gift", "no"),
        ("note", "none"),
    ]


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ([{"sku": "A1"}, {"sku": "B2"}], "1 sku: A1; 2 sku: B2"),
        ({"by": {"card": True}}, "by card: yes"),
        ([None, True], "none, yes"),
        ({}, "none"),
        (0, "0"),
    ],
)
def test_no_value_reads_as_code(item: object, text: str) -> None:
    assert words.value(item) == text
