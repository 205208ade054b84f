"""Every change of nine kinds, at every entry, is found and named; clean ledgers stay clean."""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from governance.ledger import services
from governance.ledger.models import Checkpoint, EntryPayload, LedgerEntry
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from tests.factories.ledger import AT, PERSON, without_guards
from tests.governance.ledger.mutations import KINDS, Expected
from tests.progress import Progress

IS_PROOF = os.environ.get("ORCHESTRA_PROOF") == "ledger-mutations"
ENTRIES, CLEAN = 1000, 1000
SLICE_ENTRIES, SLICE_CLEAN = 64, 12
#: How often a checkpoint is signed while the ledger grows.
BETWEEN_CHECKPOINTS = 50
STREAMS = 17
CHUNK = 20

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def undone() -> Iterator[None]:
    """Take back what a block did to the database."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


def append_many(count: int, rng: random.Random, streams: int = STREAMS) -> None:
    """Append entries to some cases in one act."""
    with one_act():
        for _ in range(count):
            draft = EntryDraft(
                f"case:m-{rng.randrange(streams)}",
                "act.refused",
                payload={"act": "vote", "message": f"no {rng.random()}"},
            )
            append_entry(actor=PERSON, now=AT, draft=draft)


def grow(entries: int) -> None:
    """Build a ledger with a checkpoint every so often, kept outside as well."""
    rng = random.Random(entries)  # noqa: S311  a seeded ledger
    for start in range(0, entries, BETWEEN_CHECKPOINTS):
        append_many(min(BETWEEN_CHECKPOINTS, entries - start), rng)
        services.sequence(now=AT)
    # The entry of the last checkpoint, and a few behind it, so that none of ours is the end.
    append_many(4, rng)
    services.sequence(now=AT)
    assert services.verify(now=AT).ok


def try_kind(
    kind: Callable[[LedgerEntry, random.Random], Expected], entry: LedgerEntry, seed: int
) -> None:
    """Make one change, and hold what a verification says against what it must."""
    with undone():
        expected = kind(entry, random.Random(f"{kind.__name__} {seed}"))  # noqa: S311
        report = services.verify(now=AT)
        assert not report.ok, (kind.__name__, seed)
        found = {(problem.kind, problem.where.split(" (")[0]) for problem in report.problems}
        assert expected <= found, (kind.__name__, seed, sorted(found))


def sweep(numbers: range) -> Counter[str]:
    """Try all nine kinds at some of our entries."""
    facts: Counter[str] = Counter()
    ours = LedgerEntry.objects.filter(kind="act.refused", leaf_index__isnull=False)
    entries = list(ours.order_by("leaf_index")[numbers.start : numbers.stop])
    assert len(entries) == len(numbers)
    with transaction.atomic():
        with without_guards():
            for entry in entries:
                for kind in KINDS:
                    try_kind(kind, entry, entry.leaf_index or 0)
                    facts[kind.__name__] += 1
            assert services.verify(now=AT).ok
        transaction.set_rollback(True)
    return facts


def test_every_change_is_found_and_named() -> None:
    if not IS_PROOF:
        grow(SLICE_ENTRIES)
        assert sweep(range(30, 34)) == dict.fromkeys((kind.__name__ for kind in KINDS), 4)
        return
    grow(ENTRIES)
    progress = Progress("ledger-mutations", target=ENTRIES * len(KINDS), unit="changes")
    while (chunk := progress.next_chunk()) is not None:
        facts = sweep(range((chunk - 1) * CHUNK, chunk * CHUNK))
        progress.finish(chunk, count=facts.total(), facts=dict(facts))
    assert progress.is_complete or progress.is_out_of_time


def erase(stream: str) -> None:
    """Erase the payloads of a stream so far, as the law may ask."""
    before = list(LedgerEntry.objects.filter(stream=stream).values_list("pk", flat=True))
    with transaction.atomic():
        draft = EntryDraft(stream, "subject.erased", payload={"reason": "request 12"})
        append_entry(actor=PERSON, now=AT, draft=draft)
        EntryPayload.objects.filter(pk__in=before).delete()


def check_clean(seed: int) -> Counter[str]:
    """Build a ledger nobody touched, of a size and a history of its own, and verify it."""
    rng = random.Random(seed)  # noqa: S311  a seeded ledger
    facts: Counter[str] = Counter(ledgers=1)
    with undone():
        for _ in range(rng.randrange(6)):
            append_many(rng.choice([0, 1, 2, 7, 8, 31, 64]), rng, rng.randint(1, 9))
            if rng.random() < 0.7:
                services.sequence(now=AT)
            if rng.random() < 0.4:
                erase(f"case:m-{rng.randrange(3)}")
                facts["erasures"] += 1
            if rng.random() < 0.2:
                assert services.verify(now=AT).ok
        report = services.verify(now=AT)
        assert report.ok, (seed, report.problems)
        facts["entries"] = report.size
    return facts


def check_many(seeds: range) -> Counter[str]:
    """Check clean ledgers, one a seed."""
    facts: Counter[str] = Counter()
    with transaction.atomic():
        for seed in seeds:
            facts += check_clean(seed)
        transaction.set_rollback(True)
    return facts


def test_a_clean_ledger_raises_no_alarm() -> None:
    if not IS_PROOF:
        facts = check_many(range(SLICE_CLEAN))
        assert facts["ledgers"] == SLICE_CLEAN
        assert facts["erasures"] > 0
        return
    progress = Progress("ledger-clean", target=CLEAN, unit="ledgers")
    while (chunk := progress.next_chunk()) is not None:
        facts = check_many(range((chunk - 1) * CHUNK, chunk * CHUNK))
        progress.finish(chunk, count=facts["ledgers"], facts=dict(facts))
    assert progress.is_complete or progress.is_out_of_time


@pytest.mark.parametrize("key", [b"prev", b"payload"])
def test_a_key_of_the_record_that_is_gone_is_a_finding(key: bytes) -> None:
    grow(5)
    with transaction.atomic():
        with without_guards():
            entry = LedgerEntry.objects.get(leaf_index=2)
            leaf = bytes(entry.leaf_bytes).replace(b'"%s"' % key, b'"x"')
            LedgerEntry.objects.filter(pk=entry.pk).update(leaf_bytes=leaf)
            report = services.verify(now=AT)
        transaction.set_rollback(True)
    assert {problem.where.split(" (")[0] for problem in report.problems} == {"entry 2"}


def test_a_hash_beyond_ascii_is_a_finding() -> None:
    grow(5)
    with transaction.atomic():
        with without_guards():
            LedgerEntry.objects.filter(leaf_index=2).update(leaf_hash="ß" * 64)
            Checkpoint.objects.filter(size=5).update(root="ß" * 64)
            report = services.verify(now=AT)
        transaction.set_rollback(True)
    assert {"entry 2", "checkpoint 5"} <= {p.where.split(" (")[0] for p in report.problems}
