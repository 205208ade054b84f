"""The reports over real rows: what was done shows, and rows add no query."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.controls import selectors
from governance.controls.catalogue import REPORTS
from governance.controls.registry import ordered, reports
from governance.evidence.registry import controls
from governance.policies import registry
from tests.factories.ledger import AT, make_entry
from tests.factories.reviews import (
    LATER,
    NOW,
    approve,
    know_tools,
    make_people,
    make_text,
    publish,
    submit_change,
)

pytestmark = pytest.mark.django_db
SPAN: dict[str, Any] = {"since": NOW - timedelta(days=1), "until": LATER + timedelta(days=1)}
#: Most queries each report takes, however many rows there are.
QUERIES = {
    "changes": 4,
    "access": 1,
    "oversight": 4,
    "incidents": 3,
    "recording": 3,
    "log_access": 1,
    "events": 7,
    "retention": 4,
}


@pytest.fixture(autouse=True)
def _nothing_above(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (registry.tool_names, registry.published, registry.tool_risks):
        monkeypatch.setattr(room, "_items", {})
    know_tools()


def test_every_report_can_be_exported() -> None:
    assert set(QUERIES) == {report.code for report in REPORTS}
    assert [report.code for report in ordered()] == [*QUERIES, "disclosure"]
    assert set(controls) == set(reports)


def test_a_published_change_is_told_line_by_line(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    people = make_people()
    change = submit_change(people.author, make_text("new"))
    publish(approve(change, people.officer), people.owner)
    with django_assert_num_queries(QUERIES["changes"]):
        lines = {line.code: line for line in selectors.changes(**SPAN)}
    assert (lines["proposer"].complete, lines["proposer"].total) == (1, 1)
    assert (lines["votes"].complete, lines["votes"].total) == (1, 1)
    assert (lines["published"].complete, lines["published"].total) == (1, 1)
    assert lines["text"].missing == ()
    before = {"since": NOW - timedelta(days=9), "until": NOW - timedelta(days=8)}
    assert all(line.total == 0 for line in selectors.changes(**before))


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.code)
def test_rows_add_no_query(
    report: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    span = {"since": AT - timedelta(days=1), "until": AT + timedelta(days=1)}
    for kind in ("ledger.read", "role.given", "ledger.verified", "agent.stopped") * 3:
        make_entry(kind=kind, stream="system")
    with django_assert_max_num_queries(QUERIES[report.code]):
        assert report.gaps(**span)


def test_the_days_of_a_span_are_all_there() -> None:
    make_entry(kind="ledger.read", stream="system")
    lines = selectors.recording(since=AT - timedelta(days=1), until=AT + timedelta(days=1))
    days = next(line for line in lines if line.code == "days")
    assert (days.complete, days.total) == (1, 3)
    assert days.missing == ("2026-11-18", "2026-11-20")
