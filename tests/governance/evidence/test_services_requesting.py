"""Exports are asked for, their gaps explained, and called off; each is an entry."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from governance.access.selectors import authority_of
from governance.evidence import rules, selectors
from governance.evidence.models import EvidenceExport
from governance.evidence.scoping import resolve
from governance.evidence.services import cancel_export, explain_gap
from governance.evidence.types import ExportScope, FieldGroup, ScopeKind
from governance.ledger.models import LedgerEntry
from governance.ledger.selection import EntrySelection, select
from governance.ledger.services import delete_search, save_search
from orchestra.core import actors
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import make_person
from tests.factories.evidence import FakeControl, case_scope, make_export, span_scope
from tests.factories.ledger import AT, make_entries

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=3)


def written() -> list[str]:
    rows = LedgerEntry.objects.filter(kind__startswith="evidence.").order_by("id")
    return list(rows.values_list("kind", flat=True))


def test_an_export_of_a_case_waits_for_a_worker_and_is_an_entry(officer: Actor) -> None:
    make_entries(3)
    export = make_export(officer)
    assert (export.state, export.title, export.gaps) == ("queued", "Case c-1", [])
    assert export.leave_out == ["customer", "message", "payment"]
    assert rules.read_scope(export.scope) == case_scope()
    assert written() == ["evidence.requested"]


def test_a_control_with_a_gap_waits_for_its_explanation(
    officer: Actor, control: FakeControl
) -> None:
    export = make_export(officer, span_scope(ScopeKind.CONTROL, control.code))
    assert (export.state, export.title) == ("explaining", control.title)
    assert [gap.is_open for gap in selectors.gaps_of(export)] == [False, True]
    explain_gap(
        actor=officer,
        now=LATER,
        export_id=export.public_id,
        code="opened",
        explanation=" Read in the meeting of 14 Aug. ",
    )
    export.refresh_from_db()
    explained = selectors.gaps_of(export)[1]
    assert export.state == "queued"
    assert (explained.explanation, explained.explained_by) == (
        "Read in the meeting of 14 Aug.",
        officer.label,
    )
    assert written() == ["evidence.requested", "evidence.explained"]


def test_a_gap_may_be_explained_with_the_request(officer: Actor, control: FakeControl) -> None:
    scope = span_scope(ScopeKind.CONTROL, control.code)
    export = make_export(officer, scope, explanations={"opened": "Read on paper."})
    assert export.state == "queued"


def test_an_explanation_is_a_text_about_a_gap_there_is(
    officer: Actor, control: FakeControl
) -> None:
    export = make_export(officer, span_scope(ScopeKind.CONTROL, control.code))
    for code, text in (("opened", "  "), ("opened", "x" * 2001), ("other", "Because.")):
        with pytest.raises(InvalidInputError):
            explain_gap(
                actor=officer, now=LATER, export_id=export.public_id, code=code, explanation=text
            )
    export.refresh_from_db()
    assert export.state == "explaining"
    assert written() == ["evidence.requested"]


@pytest.mark.parametrize(
    "scope",
    [
        case_scope("c-404"),
        case_scope(""),
        ExportScope(ScopeKind.SEARCH, "nowhere"),
        span_scope(ScopeKind.CONTROL, "no-control"),
    ],
)
def test_what_is_not_there_is_not_found(officer: Actor, scope: ExportScope) -> None:
    make_entries(3)
    with pytest.raises(NotFoundError):
        make_export(officer, scope)
    assert not EvidenceExport.objects.exists()
    assert written() == []


@pytest.mark.parametrize(
    "scope",
    [
        ExportScope(ScopeKind.SPAN, since=AT, until=AT),
        ExportScope(ScopeKind.SPAN, until=AT),
        ExportScope(ScopeKind.SPAN, "c-1", since=AT - timedelta(1), until=AT),
        case_scope("c\x00"),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused(officer: Actor, scope: ExportScope) -> None:
    with pytest.raises(InvalidInputError):
        make_export(officer, scope)
    assert written() == []


def test_a_saved_search_is_frozen_into_the_export(officer: Actor) -> None:
    make_entries(6)
    wanted = EntrySelection(streams=("case:c-1",), until=AT + timedelta(days=1))
    search = save_search(actor=officer, now=AT, name="One case", selection=wanted)
    export = make_export(officer, ExportScope(ScopeKind.SEARCH, str(search.public_id)))
    assert (export.title, export.scope["key"]) == ("Search: One case", "")
    frozen = rules.read_scope(export.scope)
    assert frozen.selection == wanted.to_json()
    assert frozen.until == wanted.until
    delete_search(actor=officer, now=AT, search_id=search.public_id)
    found = resolve(authority=authority_of(actors.system("tests")), scope=frozen)
    assert found.selection == wanted
    assert select(found.selection).count() == 2
    other = replace(frozen, selection={"streams": ["case:c-2"]})
    assert rules.scope_digest(frozen) != rules.scope_digest(other)


def test_a_search_of_another_person_is_not_found(officer: Actor, supervisor: Actor) -> None:
    make_entries(3)
    wanted = EntrySelection(streams=("case:c-1",))
    search = save_search(actor=officer, now=AT, name="One case", selection=wanted)
    for key in (str(search.public_id), "x" * 40, ""):
        with pytest.raises(NotFoundError):
            make_export(supervisor, ExportScope(ScopeKind.SEARCH, key))
    assert not EvidenceExport.objects.exists()


def test_only_a_reader_of_the_ledger_takes_evidence_out() -> None:
    make_entries(3)
    with pytest.raises(NotPermittedError):
        make_export(make_person().as_actor())
    assert written() == []


def test_a_supervisor_sees_no_case_of_other_queues_and_no_export_of_others(
    officer: Actor, supervisor: Actor
) -> None:
    make_entries(3)
    with pytest.raises(NotFoundError):
        make_export(supervisor)
    export = make_export(officer)
    with pytest.raises(NotFoundError):
        cancel_export(actor=supervisor, now=LATER, export_id=export.public_id)


def test_an_export_is_called_off_once(officer: Actor) -> None:
    make_entries(3)
    export = make_export(officer)
    cancel_export(actor=officer, now=LATER, export_id=export.public_id)
    export.refresh_from_db()
    assert (export.state, export.ended_at) == ("cancelled", LATER)
    with pytest.raises(ConflictError):
        cancel_export(actor=officer, now=LATER, export_id=export.public_id)
    with pytest.raises(NotFoundError):
        cancel_export(actor=officer, now=LATER, export_id=uuid4())
    assert written() == ["evidence.requested", "evidence.cancelled"]


def test_what_is_left_out_is_as_asked(officer: Actor) -> None:
    make_entries(3)
    export = make_export(officer, leave_out=[FieldGroup.STAFF])
    assert export.leave_out == ["staff"]
