"""The rows behind the reports: each names what it should, and long spans are read by pages."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.types import QueueGrant, Role
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import VoteChoice
from governance.controls import (
    access,
    changes,
    events,
    incidents,
    mapping,
    oversight,
    reading,
    registry,
    retention,
)
from governance.controls.catalogue import REPORTS
from governance.controls.mapping_file import MAPPING_HEADER, mapping_rows
from governance.controls.reading import begin, each
from governance.controls.tables import write_csv
from governance.controls.types import Asked, Table
from governance.ledger.registry import kinds, register_kinds
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft, EntryKind
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from orchestra.core.origin import Channel, Origin, coming_from
from orchestra.core.together import answer
from tests.factories.access import make_person, make_queue
from tests.factories.approvals import add_vote, make_row
from tests.factories.ledger import AT, make_entry

pytestmark = pytest.mark.django_db
SPAN = Asked(AT - timedelta(days=1), AT + timedelta(days=1))
LOOKS_LIKE = '"recorded_from":{"channel":"worker"}'


def rows(tables: tuple[Table, ...], code: str) -> list[list[str]]:
    table = next(one for one in tables if one.code == code)
    return [[str(cell) for cell in row] for row in table.rows]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (reading, incidents):
        monkeypatch.setattr(module, "PAGE", 3)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.code)
def test_every_table_can_be_taken_as_a_file(report: Any) -> None:
    make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])
    for kind in ("role.given", "agent.stopped", "tool_call.unknown", "ledger.read"):
        make_entry(kind=kind, stream="system")
    for table in report.tables(SPAN):
        with write_csv(table) as file:
            lines = file.read().decode().splitlines()
        assert lines[0].count(",") >= len(table.header) - 1


class TestEvents:
    def test_the_seven_queries_have_six_fields_and_an_entry(self) -> None:
        tables = events.tables(SPAN)
        assert [one.code for one in tables] == [f"10_2_1_{number}" for number in range(1, 8)]
        assert {len(one.header) for one in tables} == {7}

    def test_a_row_says_where_it_came_from(self) -> None:
        entry = make_entry(kind="act.refused", stream="system", subject_kind="case", subject_id="c")
        ((user, kind, _at, outcome, origin, resource, ref),) = rows(events.tables(SPAN), "10_2_1_4")
        assert (kind, outcome, origin, resource) == (
            "act.refused",
            "failure",
            "a command",
            "case c",
        )
        assert user
        assert ref == f"system {entry.seq}"

    @pytest.mark.parametrize(
        ("unmasked", "shown"),
        [(False, "the pages, from •••"), (True, "the pages, from 192.0.2.7")],
    )
    def test_an_address_is_shown_where_it_may_be(self, unmasked: bool, shown: str) -> None:
        with coming_from(Origin(Channel.WEB, "192.0.2.7")):
            make_entry(kind="act.refused", stream="system")
        asked = replace(SPAN, unmasked=unmasked)
        ((_user, _kind, _at, _outcome, origin, *_rest),) = rows(events.tables(asked), "10_2_1_4")
        assert origin == shown

    def test_origin_is_counted_wherever_it_is_recorded(self) -> None:
        origins = [
            Origin(Channel.WEB, "192.0.2.7"),
            Origin(Channel.API, "2001:db8::7"),
            Origin(Channel.MCP, "192.0.2.8"),
            Origin(Channel.WORKER),
            Origin(Channel.COMMAND),
        ]
        for origin in origins:
            with coming_from(origin):
                make_entry(kind="ledger.read", stream="system")
        lines = {one.code: one for one in answer(events.lines(since=SPAN.since, until=SPAN.until))}
        assert (lines["10_2_1_3"].complete, lines["10_2_1_3"].total) == (5, 5)
        assert (lines["origin"].complete, lines["origin"].total) == (5, 5)

    def test_origin_is_counted_as_lacking_where_it_is(self) -> None:
        """A request that no address is known of, and a text that only looks like an origin."""
        with coming_from(Origin(Channel.API)):
            make_entry(kind="ledger.read", stream="system", payload={"what": LOOKS_LIKE})
        lines = {one.code: one for one in answer(events.lines(since=SPAN.since, until=SPAN.until))}
        assert (lines["10_2_1_3"].complete, lines["10_2_1_3"].total) == (1, 1)
        assert (lines["origin"].complete, lines["origin"].total) == (0, 1)

    def test_every_kind_asked_for_is_one_that_is_written(self) -> None:
        asked = {kind for query in events.QUERIES for kind in query.kinds} - {"retention.ran"}
        for kind in asked:
            assert any(one == kind or (kind[-1] == "." and one.startswith(kind)) for one in kinds)


class TestIncidents:
    def test_a_drill_and_the_time_to_halt(self) -> None:
        stop = make_entry(
            kind="agent.stopped",
            stream="agent:a-1",
            subject_kind="agent",
            subject_id="a-1",
            payload={"agent": "Bot", "reason": "Drill of November"},
        )
        (row,) = rows(incidents.tables(SPAN), "stops")
        assert row[0] == "Bot"
        assert row[4:7] == ["yes", "0", "0"]
        assert row[-1] == f"agent:a-1 {stop.seq}"

    def test_a_comparison_is_an_incident_only_where_it_found_something(self) -> None:
        make_entry(kind="ledger.verified", stream="system", payload={"problems": 0, "ok": True})
        make_entry(kind="ledger.verified", stream="system", payload={"problems": 2, "ok": False})
        make_entry(kind="tool_call.unknown", stream="system", subject_id="t-1")
        assert len(rows(incidents.tables(SPAN), "incidents")) == 2

    def test_an_unknown_outcome_is_settled_by_what_came_later(self, few: None) -> None:
        del few
        for number in range(4):
            make_entry(kind="tool_call.unknown", stream="system", subject_id=f"t-{number}")
        make_entry(kind="tool_call.succeeded", stream="system", subject_id="t-3")
        told = each(SPAN, ("tool_call.unknown",))
        found = [is_settled for _one, is_settled in incidents.unknown_outcomes(told)]
        assert found == [False, False, False, True]


class TestOversight:
    def test_figures_a_person_stand_with_their_number(self, few: None) -> None:
        del few
        queue = make_queue()
        maren = make_person("maren", roles=[Role.SUPERVISOR])
        for number in range(4):
            request = make_row(queue, number)
            vote = add_vote(request, maren, "supervisor")
            seconds = 10 * (number + 1)
            open_page(request, maren, vote.at - timedelta(seconds=seconds))
        joris = make_person("joris", roles=[Role.SUPERVISOR])
        unopened = add_vote(make_row(queue, 9), joris, "supervisor")
        unopened.choice, unopened.reason = VoteChoice.REJECT, "No."
        unopened.save()
        asked = Asked(unopened.at - timedelta(days=1), unopened.at + timedelta(days=1))
        found = {row[0]: row[1:] for row in rows(oversight.tables(asked), "approvers")}
        # Votes, with a time, median, 90 of 100, rejected, edited, undone, tests, caught.
        assert found["maren"] == ["4", "4", "25", "37", "0", "0", "0", "0", "0"]
        assert found["joris"] == ["1", "0", "None", "None", "1", "0", "0", "0", "0"]
        assert found["Everybody"] == ["5", "4", "25", "37", "1", "0", "0", "0", "0"]

    def test_who_may_approve_is_read_from_grants(self) -> None:
        queue = make_queue()
        make_person("maren", roles=[Role.SUPERVISOR], grants={queue: [QueueGrant.VOTE]})
        make_person("amara", roles=[Role.QA_ANALYST], grants={queue: [QueueGrant.VOTE]})
        now = clock.now()
        asked = Asked(now - timedelta(days=1), now + timedelta(days=1))
        found = rows(oversight.tables(asked), "roster")
        assert found == [[queue.title, "maren", "supervisor"]]


def open_page(request: ApprovalRequest, person: User, at: datetime) -> None:
    with transaction.atomic():
        append_entry(
            actor=person.as_actor(),
            now=at,
            draft=EntryDraft(
                stream=request.stream,
                kind="approval.opened",
                subject_kind="approval",
                subject_id=str(request.public_id),
            ),
        )


class TestAccess:
    def test_joined_moved_and_left(self) -> None:
        for kind in ("user.arrived", "role.given", "person.disabled"):
            make_entry(kind=kind, stream="user:u-1", payload={"reason": "r"})
        found = rows(access.tables(SPAN), "movements")
        assert [row[1] for row in found] == ["joined", "moved", "left"]

    def test_grants_stand_as_of_the_end_of_the_span(self) -> None:
        make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])
        now = clock.now()
        ended = Asked(now - timedelta(days=1), now + timedelta(days=1))
        found = [row[0] for row in rows(access.tables(ended), "standing")]
        # What the role brings with it stands under the role's own name.
        assert found[0] == "ilse"
        assert set(found[1:]) == {"compliance_officer"}

    def test_a_finished_review_is_told_with_its_counts(self) -> None:
        told = {"title": "Q4", "confirmed": 3, "revoked": 1, "open": 0}
        make_entry(kind="access_review.finished", stream="system", payload=told)
        ((_at, title, *counts, _by, _entry),) = rows(access.tables(SPAN), "reviews")
        assert (title, counts) == ("Q4", ["3", "1", "0"])


class TestRetention:
    @pytest.fixture(autouse=True)
    def _kinds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kinds, "_items", dict(kinds._items))
        for code in ("retention.changed", "retention.ran"):
            if code not in kinds:
                register_kinds(EntryKind(code, "{actor}"))

    def lines(self) -> dict[str, tuple[int, int]]:
        found = answer(retention.lines(since=SPAN.since, until=SPAN.until))
        return {one.code: (one.complete, one.total) for one in found}

    def test_without_a_schedule_that_is_said(self) -> None:
        assert self.lines() == {
            "schedule": (0, 1),
            "runs": (0, 0),
            "reach": (0, 1),
            "erasures": (0, 0),
        }
        assert rows(retention.tables(SPAN), "schedule") == []

    def test_a_schedule_and_its_runs(self) -> None:
        classes = [{"name": "messages", "days": 400, "gone": 3, "held": 1}]
        make_entry(kind="retention.changed", stream="system", payload={"classes": classes})
        make_entry(kind="retention.ran", stream="system", payload={"classes": classes})
        make_entry(kind="retention.ran", stream="system", payload={"classes": [{"name": "x"}]})
        assert self.lines()["schedule"] == (1, 1)
        assert self.lines()["runs"] == (1, 2)
        tables = retention.tables(SPAN)
        assert rows(tables, "schedule")[0][:2] == ["messages", "400"]
        assert rows(retention.tables(SPAN), "runs")[0][1:5] == ["messages", "400", "3", "1"]


class TestChanges:
    @pytest.fixture
    def population(self) -> None:
        ChangeRequest.objects.bulk_create(
            ChangeRequest(
                kind="policy",
                document_key=f"p_{number}",
                document={},
                digest="d" * 64,
                risk="low",
                title="t",
                created_at=AT,
                published_at=AT,
                published_number=1,
            )
            for number in range(60)
        )

    def test_the_same_seed_draws_the_same(self, population: None) -> None:
        del population
        asked = Asked(SPAN.since, SPAN.until, "auditor 7")
        drawn = rows(changes.tables(asked), "sample")
        assert len(drawn) == changes.SAMPLE
        assert drawn == rows(changes.tables(asked), "sample")
        other = Asked(SPAN.since, SPAN.until, "auditor 8")
        assert drawn != rows(changes.tables(other), "sample")
        assert "auditor 7" in changes.tables(asked)[0].about
        everything = rows(changes.tables(asked), "population")
        assert len(everything) == 60
        ranked = sorted(everything, key=lambda row: changes.rank("auditor 7", row[0]))
        assert drawn == ranked[: changes.SAMPLE]

    def test_without_a_seed_the_span_is_one(self) -> None:
        assert changes.seed_of(SPAN) in changes.tables(SPAN)[0].about


def test_many_entries_take_one_query_a_page(few: None) -> None:
    del few
    for _number in range(8):
        make_entry(kind="ledger.read", stream="system")
    table = next(one for one in events.tables(SPAN) if one.code == "10_2_1_3")
    with CaptureQueriesContext(connection) as captured, write_csv(table) as file:
        assert len(file.read().splitlines()) == 9
    assert len(captured) == 3


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.code)
def test_what_is_asked_with_others_is_what_is_asked_alone(report: Any, few: None) -> None:
    del few
    kinds_met = ("ledger.read", "role.given", "agent.stopped", "retention.ran", "act.refused")
    for kind in kinds_met * 3:
        make_entry(kind=kind, stream="system")
    alone = [list(one.rows) for one in report.tables(SPAN)]
    tables = report.tables(SPAN)
    with CaptureQueriesContext(connection) as captured:
        answer(begin(*(each for one in tables for each in one.begins)))
    assert len(captured) == bool(tables)
    assert [list(one.rows) for one in tables] == alone


class TestMapping:
    def test_every_report_and_kind_that_it_names_is_there(self) -> None:
        for one in mapping.CONTROLS:
            assert set(one.reports) <= set(registry.reports), one.name
            for kind in one.kinds:
                ending = kind if kind.endswith(".") else None
                assert kind in kinds or (ending and any(k.startswith(ending) for k in kinds)), kind

    def test_the_statement_of_applicability_has_all_thirty_eight_controls(self) -> None:
        found = list(mapping_rows("iso_42001", "https://x/reports/"))
        assert len(found) == len({row[1] for row in found}) == 38
        by_number = {row[1]: dict(zip(MAPPING_HEADER, row, strict=True)) for row in found}
        assert by_number["A.2.2"]["recorded here"] == "nothing recorded here"
        assert by_number["A.8.2"]["links"] == "https://x/reports/disclosure/"

    def test_what_a_report_says_it_is_for_is_mapped_to_it(self) -> None:
        mapped = {one.name: one.reports for one in mapping.CONTROLS}
        for report in (registry.reports.get(code) for code in registry.reports):
            for requirement in report.requirements:
                assert report.code in mapped[requirement], (report.code, requirement)
