"""Verify since the last check, and verify in bounded memory: the same findings as at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.ledger import selectors, services
from governance.ledger.models import EntryPayload, LedgerNode
from governance.ledger.types import ProblemKind
from tests.factories.ledger import AT, make_entries, make_entry, without_guards
from tests.governance.ledger.test_services_verifying import (
    TAMPERINGS,
    Expected,
    delete_payload,
    edit_column,
    entry,
    found,
)

pytestmark = pytest.mark.django_db

K = ProblemKind


def test_only_what_came_since_is_read_and_the_report_says_so() -> None:
    make_entries(20)
    assert services.verify(now=AT).first == 0
    make_entries(5)
    report = services.verify(now=AT, since_last=True)
    assert (report.ok, report.first, report.size) == (True, 20, 27)
    kept = selectors.latest_verification()
    assert kept is not None
    assert (kept.first, kept.checkpoint_size) == (20, 27)
    assert services.verify(now=AT, since_last=True).first == 27


def test_without_an_earlier_check_the_whole_is_read() -> None:
    make_entries(5)
    assert services.verify(now=AT, since_last=True).first == 0


def test_what_was_altered_since_is_found() -> None:
    make_entries(6)
    services.verify(now=AT)
    make_entries(6)
    services.sequence(now=AT)
    with without_guards():
        entry(9).update(actor_id="nobody")
    assert found(services.verify(now=AT, since_last=True)) == {(K.COLUMN_ALTERED, "entry 9")}


def test_a_stream_is_followed_on_from_before() -> None:
    make_entries(6)
    services.verify(now=AT)
    make_entries(6)
    services.sequence(now=AT)
    with without_guards():
        # The last entry of case c-2 that was verified is renumbered.
        entry(5).update(seq=90)
    report = services.verify(now=AT, since_last=True)
    assert (K.STREAM_BROKEN, "entry 10") in found(report)


def test_the_verified_root_is_computed_again_from_the_nodes() -> None:
    make_entries(8)
    services.verify(now=AT)
    with without_guards():
        LedgerNode.objects.filter(level=3).update(hash=bytes(32))
    report = services.verify(now=AT, since_last=True)
    assert (K.CHECKPOINT_DIFFERS, "checkpoint 8") in found(report)
    # And then all of it is read.
    assert report.first == 0


def test_a_check_with_findings_is_never_gone_on_from() -> None:
    make_entries(6)
    services.sequence(now=AT)
    with without_guards():
        edit_column()
    assert not services.verify(now=AT).ok
    report = services.verify(now=AT, since_last=True)
    assert (K.COLUMN_ALTERED, "entry 5") in found(report)


def test_the_whole_is_read_once_a_day() -> None:
    make_entries(4)
    day = timedelta(days=1)
    firsts = [
        services.verify_due(now=AT + timedelta(hours=hours), whole_after=day).first
        for hours in (0, 1, 23, 25, 26)
    ]
    assert [bool(first) for first in firsts] == [False, True, True, False, True]


def test_an_idle_increment_costs_no_more_on_a_longer_ledger() -> None:
    counts = []
    for count in (10, 60):
        make_entries(count)
        services.verify(now=AT)
        make_entries(3)
        with CaptureQueriesContext(connection) as captured:
            services.verify(now=AT, since_last=True)
        counts.append(len(captured))
    # Six times as long a ledger has a right edge that is a few nodes longer.
    assert counts[1] <= counts[0] + 4


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks and memory so small that streams are let go of all the time."""
    monkeypatch.setattr("governance.ledger.services.check_tree.CHUNK", 4)
    monkeypatch.setattr("governance.ledger.services.check_entries.STREAM_LIMIT", 2)


@pytest.mark.usefixtures("small")
def test_many_streams_are_followed_in_bounded_memory() -> None:
    for _round in range(3):
        make_entries(24, streams=12)
    report = services.verify(now=AT)
    assert report.ok, report.problems


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_bounded_memory_misses_nothing(tamper: Callable[[], Expected]) -> None:
    make_entries(10)
    services.sequence(now=AT)
    for number in range(10, 20):
        make_entry(stream=f"case:c-{number % 3}")
    services.sequence(now=AT)
    with without_guards():
        expected = {kind for kind, _ in tamper()}
    report = services.verify(now=AT)
    # Places differ by the checkpoint's own entry; what is found does not.
    assert not report.ok
    assert expected & {problem.kind for problem in report.problems}


@pytest.mark.usefixtures("small")
def test_an_erasure_long_after_is_seen_in_bounded_memory() -> None:
    make_entries(12, streams=6)
    make_entry(stream="case:c-0", kind="subject.erased", payload={"reason": "request 12"})
    EntryPayload.objects.filter(entry__stream="case:c-0", entry__seq__lt=3).delete()
    make_entries(12, streams=6)
    assert services.verify(now=AT).ok
    with without_guards():
        delete_payload()
    assert {kind for kind, _ in found(services.verify(now=AT))} == {K.PAYLOAD_MISSING}


def test_progress_is_told_and_ends() -> None:
    make_entries(3)
    told: list[tuple[int, int]] = []
    services.verify(now=AT, told=lambda done, size: told.append((done, size)))
    assert told == [(3, 3)]
