"""Append: in the transaction of the act, gapless, cheap, and never twice at one place."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.ledger import envelope, selectors, services
from governance.ledger.models import EntryPayload, LedgerEntry, LedgerStream
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.errors import InvalidInputError
from tests.factories.ledger import AT, PERSON, append_statements, make_entry

STREAM = "case:c-1"


@pytest.mark.django_db
def test_columns_payload_and_head_all_come_from_the_leaf() -> None:
    first = make_entry(subject_kind="vote", subject_id="v-1", policy="a" * 64)
    second = make_entry()
    leaf = json.loads(first.leaf_bytes)
    payload = selectors.payload_of(entry=first)
    stored = EntryPayload.objects.get(pk=first.pk)
    assert leaf == {
        "actor": {"id": "u-12", "kind": "human"},
        "at": "2026-11-19T19:05:00.000000Z",
        "case": "c-1",
        "kind": "act.refused",
        "payload": envelope.commit_payload(salt=bytes(stored.salt), body=bytes(stored.body)),
        "policy": "a" * 64,
        "prev": "",
        "seq": 1,
        "subject": {"id": "v-1", "kind": "vote"},
        "v": 1,
    }
    assert payload == {"act": "vote", "message": "no", "actor_label": "Maren Osei"}
    assert first.leaf_hash == envelope.hash_leaf(bytes(first.leaf_bytes)).hex()
    assert json.loads(second.leaf_bytes)["prev"] == first.leaf_hash
    head = LedgerStream.objects.get(name=STREAM)
    assert (head.count, head.head) == (2, second.leaf_hash)
    assert b"Maren" not in bytes(first.leaf_bytes)


@pytest.mark.django_db
def test_equal_payloads_have_unequal_commitments() -> None:
    leaves = [json.loads(make_entry().leaf_bytes)["payload"] for _ in range(2)]
    assert leaves[0] != leaves[1]


@pytest.mark.django_db
def test_an_append_is_two_or_four_statements() -> None:
    make_entry()
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        append_entry(actor=PERSON, now=AT, draft=EntryDraft(STREAM, "act.refused"))
    kinds = [query["sql"].split()[0] for query in captured.captured_queries]
    assert kinds == append_statements()


@pytest.mark.django_db
def test_the_first_append_of_a_stream_is_one_statement_more() -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        append_entry(actor=PERSON, now=AT, draft=EntryDraft(STREAM, "act.refused"))
    assert len(captured.captured_queries) == len(append_statements()) + 1


@pytest.mark.django_db(transaction=True)
def test_no_append_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        append_entry(actor=PERSON, now=AT, draft=EntryDraft(STREAM, "act.refused"))
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"kind": "never.registered"}, LookupError),
        ({"payload": {"a": 2**53}}, InvalidInputError),
        ({"payload": {"a": float("nan")}}, InvalidInputError),
        ({"payload": {"a": "\x00"}}, InvalidInputError),
        ({"payload": {"a": object()}}, InvalidInputError),
        ({"stream": "case:a b"}, InvalidInputError),
        ({"policy": "version 3"}, InvalidInputError),
    ],
)
def test_a_bad_draft_leaves_nothing(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        make_entry(**changes)
    assert not LedgerEntry.objects.exists()
    assert not LedgerStream.objects.exists()


def _append_and_fail(stream: str) -> None:
    with transaction.atomic():
        append_entry(actor=PERSON, now=AT, draft=EntryDraft(stream, "act.refused"))
        raise ZeroDivisionError


@pytest.mark.django_db
def test_a_rollback_leaves_no_gap() -> None:
    make_entry()
    for stream in (STREAM, "case:c-2"):
        with pytest.raises(ZeroDivisionError):
            _append_and_fail(stream)
    make_entry()
    assert [entry.seq for entry in selectors.list_stream(stream=STREAM)] == [1, 2]
    assert not LedgerStream.objects.filter(name="case:c-2").exists()
    assert services.verify(now=AT).ok


def _append_many(count: int, streams: int) -> None:
    try:
        for number in range(count):
            make_entry(stream=f"case:race-{number % streams}")
    finally:
        connection.close()


def _race(threads: int, count: int, streams: int) -> None:
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(_append_many, count, streams) for _ in range(threads)]:
            done.result()
    for number in range(streams):
        entries = selectors.list_stream(stream=f"case:race-{number}")
        expected = threads * count // streams
        assert [entry.seq for entry in entries] == list(range(1, expected + 1))
    report = services.verify(now=AT)
    assert report.ok, report.problems
    assert report.size >= threads * count


@pytest.mark.django_db(transaction=True)
def test_threads_leave_no_gap_and_no_double() -> None:
    _race(threads=4, count=20, streams=2)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_many_threads_with_row_locks_leave_no_gap() -> None:
    _race(threads=12, count=40, streams=4)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_sequencer_runs_beside_appends_and_misses_none() -> None:
    def run_sequencer() -> int:
        try:
            return sum(services.sequence(now=AT) for _ in range(40))
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        appends = [pool.submit(_append_many, 40, 4) for _ in range(4)]
        runs = [pool.submit(run_sequencer) for _ in range(2)]
        for done in [*appends, *runs]:
            done.result()
    report = services.verify(now=AT)
    assert report.ok, report.problems
    assert not LedgerEntry.objects.filter(leaf_index__isnull=True).exclude(
        kind__in=["ledger.verified", "checkpoint.published"]
    )
