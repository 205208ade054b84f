"""kill -9 of writers and sequencers at any moment: what was acknowledged stands, in its chain."""

import os
import random
from collections import Counter

import pytest

from governance.ledger import services
from governance.ledger.models import LedgerEntry, LedgerStream
from tests.factories.ledger import AT
from tests.governance.ledger.killing import Child, kill_after, running, sequencer, writer
from tests.progress import Progress

IS_PROOF = os.environ.get("ORCHESTRA_PROOF") == "ledger-kill"
ENTRIES = 20_000
#: Entries between two kills of a writer; a sequencer is killed after every third.
BETWEEN = 100
SLICE_KILLS = 4
CHUNK_KILLS = 8

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def run_kills(kills: int, seed: int, between: int) -> Counter[str]:
    """Kill writers one after the other while a second one and a sequencer run on."""
    rng = random.Random(seed)  # noqa: S311  a seeded choice of moments
    acknowledged: list[str] = []
    facts: Counter[str] = Counter()
    before = LedgerEntry.objects.filter(kind="act.refused").count()
    with running(sequencer()) as runs_on:
        del runs_on
        for number in range(kills):
            first, second = (f"w{seed}-{number}{side}" for side in "ab")
            other = Child(writer(second, 0))
            doomed = Child(writer(first, 0))
            if number % 3 == 0:
                kill_after(Child(sequencer()), 1, rng)
                facts["sequencers killed"] += 1
            for name, child in ((first, doomed), (second, other)):
                heard = kill_after(child, rng.randint(1, between), rng)
                assert heard == list(range(len(heard)))
                acknowledged += [f"{name}-{one}" for one in heard]
                facts["writers killed"] += 1
    facts["acknowledged"] = len(acknowledged)
    check(acknowledged, before, facts)
    return facts


def check(acknowledged: list[str], before: int, facts: Counter[str]) -> None:
    """Hold what stands against what was acknowledged."""
    written = LedgerEntry.objects.filter(kind="act.refused")
    stands = set(written.values_list("subject_id", flat=True))
    assert [one for one in acknowledged if one not in stands] == []
    facts["not acknowledged"] = written.count() - before - len(acknowledged)
    # A killed writer had at most one entry on its way.
    assert 0 <= facts["not acknowledged"] <= facts["writers killed"]
    report = services.verify(now=AT)
    assert report.ok, report.problems
    assert report.size == LedgerEntry.objects.filter(leaf_index__isnull=False).count()
    for stream in LedgerStream.objects.all():
        places = LedgerEntry.objects.filter(stream=stream.name).order_by("seq")
        assert list(places.values_list("seq", flat=True)) == list(range(1, stream.count + 1))


def test_no_acknowledged_entry_is_lost_and_no_chain_is_broken() -> None:
    if not IS_PROOF:
        facts = run_kills(SLICE_KILLS, seed=1, between=20)
        assert facts["writers killed"] == 2 * SLICE_KILLS
        assert facts["acknowledged"] >= facts["writers killed"]
        return
    progress = Progress("ledger-kill", target=ENTRIES, unit="entries")
    while (chunk := progress.next_chunk()) is not None:
        found = run_kills(CHUNK_KILLS, seed=chunk, between=2 * BETWEEN)
        progress.finish(chunk, count=found["acknowledged"], facts=dict(found))
    kills = sum(
        chunk.get("writers killed", 0) + chunk.get("sequencers killed", 0)
        for chunk in progress.chunks.values()
    )
    assert progress.is_out_of_time or (progress.is_complete and kills >= 150)
