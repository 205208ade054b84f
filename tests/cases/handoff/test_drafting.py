"""Shares of a draft, the drafted summary, and the time after a contact."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.handoff.drafting import MAX_SUMMARY, after_contact, draft_summary, share_kept

NOW = datetime(2026, 11, 19, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("draft", "sent", "share"),
    [
        ("We did this.", "We did this.", 100),
        ("We did this.", "we DID this.", 100),
        ("We did this.", "Hello Mia. We did this.", 60),
        ("We did this.", "Something else entirely", 0),
        ("", "Written anew", None),
        ("We did this.", "   ", None),
    ],
)
def test_how_much_is_still_the_draft(draft: str, sent: str, share: int | None) -> None:
    assert share_kept(draft=draft, sent=sent) == share


@given(st.text(max_size=200), st.text(max_size=200))
def test_a_share_is_a_percentage(draft: str, sent: str) -> None:
    share = share_kept(draft=draft, sent=sent)
    assert share is None or 0 <= share <= 100


def test_the_summary_says_what_the_record_shows() -> None:
    assert draft_summary(
        intent="Return delivered items",
        done=["Request the return", "Request the return"],
        refused=["Refund to PayPal"],
        reason="policy denied",
    ) == (
        "The customer wanted: Return delivered items. Done: Request the return. "
        "Not done: Refund to PayPal. A person took over: policy denied."
    )
    assert draft_summary(intent="", done=[], refused=[]) == "Nothing was changed."
    assert len(draft_summary(intent="x" * 400, done=[], refused=[])) <= MAX_SUMMARY


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0, (0, False)), (2, (120, False)), (30, (1800, False)), (31, (1800, True)), (-1, (0, False))],
)
def test_the_time_after_a_contact(minutes: int, told: tuple[int, bool]) -> None:
    assert after_contact(last_said_at=NOW - timedelta(minutes=minutes), now=NOW) == told
    assert after_contact(last_said_at=None, now=NOW) is None
