"""What an address asks of the inbox: read, written, and read again alike."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.approvals.inbox_query import (
    InboxQuery,
    Place,
    format_place,
    format_query,
    over_minor,
    parse_criteria,
    parse_place,
    parse_query,
    told_by,
    without_filter,
)
from governance.approvals.types import InboxFilter
from governance.policies.types import RiskLevel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
BROKEN = ["", "1", "1.2", "1.2.3.4", "a.1.2", "-1.1.2", "1.9.1", "¹.1.1"]
TEXT = st.text(max_size=30).map(str.strip)


@given(
    query=st.builds(
        InboxQuery,
        only=st.sampled_from(InboxFilter),
        queue=TEXT,
        risk=st.none() | st.sampled_from(RiskLevel),
        tool=TEXT,
        journey=TEXT,
        requester=TEXT,
        text=TEXT,
        is_by_risk=st.booleans(),
    )
)
def test_what_is_written_is_read_alike(query: InboxQuery) -> None:
    assert parse_criteria(format_query(query)) == query


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, InboxQuery()),
        ({"only": "nonsense", "risk": "huge", "order": "size"}, InboxQuery()),
        ({"over": "750", "currency": "usd"}, InboxQuery(over="750", currency="USD")),
        ({"over": "750"}, InboxQuery()),
        ({"over": "NaN", "currency": "USD"}, InboxQuery()),
        ({"over": "-1", "currency": "USD"}, InboxQuery()),
        ({"over": "1e30", "currency": "USD"}, InboxQuery()),
        ({"over": "750", "currency": "US1"}, InboxQuery()),
        ({"currency": "USD"}, InboxQuery()),
        ({"text": "x" * 200}, InboxQuery(text="x" * 100)),
    ],
)
def test_what_is_said_wrongly_is_not_said(params: dict[str, str], expected: InboxQuery) -> None:
    assert parse_query(params) == expected


@pytest.mark.parametrize(
    ("over", "digits", "minor"),
    [("750", 2, 75_000), ("1,126.04", 2, 112_604), ("0.019", 2, 1), ("750", 0, 750), ("", 2, None)],
)
def test_an_amount_counts_in_minor_units(over: str, digits: int, minor: int | None) -> None:
    assert over_minor(InboxQuery(over=over, currency="USD"), digits) == minor


def test_a_filter_of_everybody_drops_ones_own() -> None:
    query = InboxQuery(queue="returns", text="vacuum", is_by_risk=True)
    assert query.is_narrowed
    other = without_filter(query, InboxFilter.MINE)
    assert other == InboxQuery(only=InboxFilter.MINE, is_by_risk=True)
    assert not other.is_narrowed


@given(
    place=st.builds(
        Place,
        deadline_at=st.datetimes(
            min_value=EPOCH.replace(tzinfo=None),
            max_value=LAST.replace(tzinfo=None),
            timezones=st.just(UTC),
        ),
        risk_rank=st.integers(0, 4),
        pk=st.integers(0, 2**62),
    )
)
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    assert parse_place(format_place(place)) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "a.1.2",
        "-1.1.2",
        f"{10**18}.1.1",
        "1.9.1",
        f"1.1.{2**63}",
        "¹.1.1",
    ],
)
def test_a_broken_place_is_no_place(text: str) -> None:
    assert parse_place(text) is None


def test_a_row_repeats_what_its_view_tells() -> None:
    view = {"effect": {"title": "Cancel the order"}, "money": {"direction": "to_customer"}}
    assert told_by(view) == {"headline": "Cancel the order", "money_direction": "to_customer"}
    assert told_by({}) == {"headline": "", "money_direction": ""}
    assert told_by({"effect": "Refund", "money": None}) == {"headline": "", "money_direction": ""}
    assert (
        format_place(
            Place(
                deadline_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=1),
                risk_rank=2,
                pk=7,
            )
        )
        == "1000000.2.7"
    )
