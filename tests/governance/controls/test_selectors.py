"""The reports over real rows: what was done shows, and rows add no query."""

import gc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from governance.controls import incidents, reading, rules, selectors
from governance.controls.catalogue import REPORTS
from governance.controls.registry import ordered, reports
from governance.controls.types import ChangeSeen, Seen
from governance.evidence.registry import controls
from governance.ledger.models import LedgerEntry
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from governance.policies import registry
from governance.reviews.models import ChangeRequest, Review
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.together import answer
from tests.factories.access import make_person
from tests.factories.ledger import AT, make_entry, without_guards
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
    "changes": 3,
    "access": 1,
    "oversight": 1,
    "incidents": 1,
    "recording": 1,
    "log_access": 1,
    "events": 1,
    "retention": 1,
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
        lines = {line.code: line for line in answer(selectors.changes(**SPAN))}
    assert (lines["proposer"].complete, lines["proposer"].total) == (1, 1)
    assert (lines["votes"].complete, lines["votes"].total) == (1, 1)
    assert (lines["published"].complete, lines["published"].total) == (1, 1)
    assert lines["text"].missing == ()
    before = {"since": NOW - timedelta(days=9), "until": NOW - timedelta(days=8)}
    assert all(line.total == 0 for line in answer(selectors.changes(**before)))


def test_what_no_person_opened_and_no_entry_publishes_is_missing() -> None:
    people = make_people()
    change = publish(approve(submit_change(people.author, make_text("new")), people.officer),
                     people.owner)  # fmt: skip
    with without_guards():
        LedgerEntry.objects.filter(kind="change.opened").update(actor_kind="system")
        LedgerEntry.objects.filter(kind="change.published").update(subject_id="another")
    lines = {line.code: line for line in answer(selectors.changes(**SPAN))}
    assert lines["proposer"].missing == lines["published"].missing == (change.label,)


def act(kind: str, seconds: int, bot: str = "bot") -> None:
    actor = Actor(kind=ActorKind.AGENT, id=bot, label="Bot")
    draft = EntryDraft(
        stream="system",
        kind=kind,
        payload={"agent": "Bot", "reason": "Drill"},
        subject_kind="agent",
        subject_id="" if kind == "tool_call.proposed" else bot,
    )
    with transaction.atomic():
        append_entry(actor=actor, now=AT + timedelta(seconds=seconds), draft=draft)


@pytest.mark.parametrize(
    ("acts", "halted"),
    [
        ([("tool_call.proposed", -5)], True),
        ([("agent.started", 60), ("tool_call.proposed", 61)], True),
        ([("agent.started", 60), ("tool_call.proposed", 59)], False),
        ([("agent.started", -60), ("tool_call.proposed", 5)], False),
        ([("tool_call.proposed", 3600)], False),
        ([("tool_call.proposed", 2 * 86400)], True),
        ([("agent.started", 70), ("agent.started", 60), ("tool_call.proposed", 65)], True),
    ],
)
def test_an_agent_halts_until_it_is_started_again(
    acts: list[tuple[str, int]], halted: bool
) -> None:
    act("agent.stopped", 0)
    for kind, seconds in acts:
        act(kind, seconds)
    act("tool_call.proposed", 1, "another")
    span = {"since": AT - timedelta(days=1), "until": AT + timedelta(days=1)}
    line = next(one for one in answer(selectors.incidents(**span)) if one.code == "halted")
    assert (line.complete, line.total) == (int(halted), 1)
    assert line.missing == (() if halted else ("Bot",))


#: Of a page of four: rows, votes and values, and the page before while the next one is read.
LIMIT = 24


def _held() -> int:
    """Return how many rows, and values made of them, are in memory."""
    # An entry and its payload know each other, so that nothing else frees them.
    gc.collect()
    wanted = (LedgerEntry, ChangeRequest, Review, Seen, ChangeSeen)
    # By its exact type: to ask a dead proxy for its class is an error.
    return sum(type(one) in wanted for one in gc.get_objects())


def _most_held(monkeypatch: pytest.MonkeyPatch, report: Any) -> tuple[int, int]:
    """Return how much was held at most while a report was read, and what it counted."""
    before, most, number, add = _held(), 0, 0, rules.Tally.add

    def watched(tally: rules.Tally, ref: str, **more: Any) -> None:
        nonlocal most, number
        # Looking through the memory is slow.
        if number % 20 == 10:
            most = max(most, _held() - before)
        number += 1
        add(tally, ref, **more)

    with monkeypatch.context() as patched:
        patched.setattr(rules.Tally, "add", watched)
        lines = answer(report(since=AT - timedelta(days=1), until=AT + timedelta(days=1)))
    return most, sum(line.total for line in lines)


def _stops(count: int) -> None:
    for number in range(count):
        act("agent.stopped", number)
        act("tool_call.unknown", number)


def _changes(count: int) -> None:
    made = ChangeRequest.objects.bulk_create(
        ChangeRequest(
            kind="policy", document_key="p", title="Title", document={}, digest="d", risk="high",
            author_id="a", editor_id="a", created_at=AT, published_at=AT, state="published",
        )
        for _number in range(count)
    )  # fmt: skip
    reviewer = make_person(f"reviewer {made[0].pk}")
    Review.objects.bulk_create(
        Review(change=one, reviewer=reviewer, choice="approve", digest="d", at=AT) for one in made
    )
    for one in made:
        make_entry(kind="change.rolled_back", stream="system", subject_id=str(one.public_id))


@pytest.mark.parametrize(
    ("report", "make", "counted"),
    [(selectors.incidents, _stops, 3), (selectors.changes, _changes, 6)],
    ids=["incidents", "changes"],
)
def test_a_longer_span_is_held_in_no_more_memory(
    monkeypatch: pytest.MonkeyPatch, report: Any, make: Callable[[int], None], counted: int
) -> None:
    for page in (reading, incidents):
        monkeypatch.setattr(page, "PAGE", 4)
    monkeypatch.setattr(selectors, "_TEXTS", 4)
    make(12)
    most, total = _most_held(monkeypatch, report)
    assert total >= 12 * counted
    make(24)
    of_more, total = _most_held(monkeypatch, report)
    assert total >= 36 * counted
    assert (0 < most <= LIMIT, 0 < of_more <= LIMIT) == (True, True), (most, of_more)


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
    lines = answer(selectors.recording(since=AT - timedelta(days=1), until=AT + timedelta(days=1)))
    days = next(line for line in lines if line.code == "days")
    assert (days.complete, days.total) == (1, 3)
    assert days.missing == ("2026-11-18", "2026-11-20")
