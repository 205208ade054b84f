"""Acts: all entries of one act are written together, or none is."""

import contextlib
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.ledger.models import EntryPayload, LedgerEntry, LedgerStream
from governance.ledger.services import append_entry, one_act, one_part
from governance.ledger.types import EntryDraft
from orchestra.core.errors import InvalidInputError
from tests.factories.ledger import AT, PERSON, append_statements, make_entry

CASE, OTHER = "case:c-1", "case:c-2"


def append(stream: str = CASE, **changes: object) -> None:
    draft = EntryDraft(stream, "act.refused", **changes)  # type: ignore[arg-type]
    append_entry(actor=PERSON, now=AT, draft=draft)


def append_and_fail() -> None:
    append()
    with one_act():
        append()
        raise ZeroDivisionError


def fail_within_and_go_on() -> None:
    with contextlib.suppress(ZeroDivisionError):
        append_and_fail()
    append()


def places() -> list[tuple[str, int]]:
    return list(LedgerEntry.objects.order_by("id").values_list("stream", "seq"))


@pytest.mark.django_db
def test_entries_of_an_act_keep_their_order_and_their_chain() -> None:
    make_entry(stream=OTHER)
    with one_act():
        for stream in (CASE, OTHER, CASE):
            append(stream)
        assert places() == [(OTHER, 1)]
    assert places() == [(OTHER, 1), (CASE, 1), (OTHER, 2), (CASE, 2)]
    first, last = LedgerEntry.objects.filter(stream=CASE).order_by("seq")
    assert f'"prev":"{first.leaf_hash}"'.encode() in bytes(last.leaf_bytes)
    head = LedgerStream.objects.get(name=CASE)
    assert (head.count, head.head) == (2, last.leaf_hash)
    assert EntryPayload.objects.count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3, 12])
def test_an_act_on_one_stream_costs_the_same_however_much_it_appends(number: int) -> None:
    make_entry()
    with CaptureQueriesContext(connection) as captured, one_act():
        for _ in range(number):
            append()
    kinds = [query["sql"].split()[0] for query in captured.captured_queries]
    assert [kind for kind in kinds if kind not in {"SAVEPOINT", "RELEASE"}] == append_statements()


@pytest.mark.django_db
def test_an_act_without_entries_asks_the_ledger_nothing() -> None:
    with CaptureQueriesContext(connection) as captured, one_act():
        pass
    assert [query["sql"].split()[0] for query in captured.captured_queries] == [
        "SAVEPOINT",
        "RELEASE",
    ]


@pytest.mark.django_db
def test_an_act_within_an_act_joins_it() -> None:
    with one_act():
        append()
        with one_act():
            append()
        assert places() == []
        append()
    assert places() == [(CASE, 1), (CASE, 2), (CASE, 3)]


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_leaves_no_entry() -> None:
    with pytest.raises(ZeroDivisionError), one_act():
        append_and_fail()
    assert places() == []
    assert not LedgerStream.objects.exists()
    with one_act():
        append()
    assert places() == [(CASE, 1)]


@pytest.mark.django_db(transaction=True)
def test_an_inner_act_that_failed_cannot_be_overlooked() -> None:
    with pytest.raises(transaction.TransactionManagementError), one_act():
        fail_within_and_go_on()
    assert places() == []


@pytest.mark.django_db
def test_no_entry_is_appended_where_a_savepoint_could_take_its_act_back() -> None:
    with one_act():
        append()
        with pytest.raises(RuntimeError, match="savepoint"), transaction.atomic():
            append()
    assert places() == [(CASE, 1)]


@pytest.mark.django_db
def test_an_act_that_commits_by_itself_is_no_part_of_another() -> None:
    with one_act(), pytest.raises(RuntimeError, match="commits by itself"), one_act(durable=True):
        pass


@pytest.mark.django_db
def test_a_bad_entry_is_refused_where_it_is_appended() -> None:
    with one_act():
        with pytest.raises(InvalidInputError):
            append(subject_id="x" * 101)
        with pytest.raises(InvalidInputError):
            append(payload={"n": float("nan")})
        with pytest.raises(LookupError):
            append_entry(actor=PERSON, now=AT, draft=EntryDraft(CASE, "no.such_kind"))
        append()
    assert places() == [(CASE, 1)]


@pytest.mark.django_db
def test_the_time_of_an_entry_is_that_of_its_append() -> None:
    with one_act():
        append()
        append_entry(
            actor=PERSON, now=AT + timedelta(seconds=5), draft=EntryDraft(CASE, "act.refused")
        )
    first, last = LedgerEntry.objects.order_by("id")
    assert (first.at, last.at) == (AT, AT + timedelta(seconds=5))


@pytest.mark.django_db
def test_a_part_that_fails_takes_its_entries_with_it_and_the_act_goes_on() -> None:
    with one_act():
        append()
        with contextlib.suppress(ZeroDivisionError), one_part():
            append_and_fail()
        with one_part(), one_act():
            append(OTHER)
        append()
    assert places() == [(CASE, 1), (OTHER, 1), (CASE, 2)]
