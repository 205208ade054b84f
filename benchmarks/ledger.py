"""How fast the ledger appends, sequences and verifies.

Appends are one commit an entry. They stand beside bare INSERTs of the same columns into
tables of the same shape and indexes (no chain, no head, no guards), and beside saves of a
row that django-simple-history tracks, by plain ``save()`` and with row and version in one
commit, in the same run, round by round, since only the ratio travels between machines.
On PostgreSQL eight processes that append to cases of their own stand beside one that does.
Makes its own database: SQLite in a temporary folder, or ``test_…`` on DATABASE_URL.

    python benchmarks/ledger.py [--json] [--entries 3000] [--rounds 5] [--writers 8]
"""

# ruff: noqa: E402  Django is set up before its models can be imported

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("ORCHESTRA_TEST_DIR", tempfile.mkdtemp(prefix="orchestra-bench-"))

import django

django.setup()

from django.db import connection, transaction

from benchmarks import ledger_beside
from governance.ledger import envelope, services, tree
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind

AT = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
AGENT = Actor(kind=ActorKind.AGENT, id="0193a1b2-7c3d-7000-8000-0123456789ab", label="Assistant")
#: About what a proposed tool call carries.
PAYLOAD = {
    "tool": "cancel_pending_order",
    "arguments": {"order_id": "#W5199551", "reason": "no longer needed"},
    "rationale": "The customer asked for it and the order has not left the warehouse. " * 3,
    "confidence": 0.97,
}
STREAMS = 50
#: Entries in one transaction where the speed of appending is not what is measured.
BULK = 500
P95 = 0.95
#: What the figures are held against.
TIMES_HISTORY, SHARE_OF_BARE, TIMES_ONE_WRITER = 2.0, 0.4, 3.0


@dataclass
class Series:
    """The rates of one measurement, one a round."""

    bench: str
    subject: str
    rates: list[float] = field(default_factory=list)

    def measure(self, count: int, work: Callable[[], object]) -> None:
        """Time one round of work over so many entries."""
        begun = time.perf_counter()
        work()
        self.rates.append(count / (time.perf_counter() - begun))

    def as_json(self) -> dict[str, object]:
        """Return the line that a script reads; p95 is the rate that 95 % of rounds reach."""
        slowest_first = sorted(self.rates)
        return {
            "bench": self.bench,
            "subject": self.subject,
            "unit": "entries/s",
            "median": round(statistics.median(self.rates), 1),
            "p95": round(slowest_first[int((1 - P95) * len(slowest_first))], 1),
            "runs": len(self.rates),
        }


@dataclass(frozen=True, slots=True)
class Ratio:
    """One rate as a multiple of another, round by round, and what it should reach."""

    name: str
    over: Series
    under: Series
    wanted: float

    def as_json(self) -> dict[str, object]:
        """Return the line that a script reads."""
        each = [a / b for a, b in zip(self.over.rates, self.under.rates, strict=True)]
        return {
            "ratio": self.name,
            "median": round(statistics.median(each), 2),
            "least": round(min(each), 2),
            "wanted": self.wanted,
        }


def append(count: int, *, a_commit_each: bool = True, streams: str = "bench") -> None:
    """Append entries to streams in turn."""
    for number in range(count):
        draft = EntryDraft(
            stream=f"case:{streams}-{number % STREAMS}",
            kind="act.refused",
            payload=PAYLOAD,
            subject_kind="tool_call",
            subject_id="0193a1b2-7c3d-7000-8000-0123456789ac",
            policy="a" * 64,
        )
        if a_commit_each:
            with transaction.atomic():
                services.append_entry(actor=AGENT, now=AT, draft=draft)
        else:
            services.append_entry(actor=AGENT, now=AT, draft=draft)


def append_in_bulk(count: int) -> None:
    """Append entries, many to a transaction."""
    for start in range(0, count, BULK):
        with transaction.atomic():
            append(min(BULK, count - start), a_commit_each=False)


def hash_in_memory() -> tuple[int, Callable[[], object]]:
    """Return the part of a verification that is hashing alone, over the stored entries."""
    leaves = [bytes(row) for row in LedgerEntry.objects.values_list("leaf_bytes", flat=True)]
    payloads = [
        (bytes(salt), bytes(body))
        for salt, body in EntryPayload.objects.values_list("salt", "body")
    ]

    def work() -> None:
        edge = tree.RightEdge()
        for leaf, (salt, body) in zip(leaves, payloads, strict=True):
            envelope.commit_payload(salt=salt, body=body)
            edge.append(envelope.hash_leaf(leaf))

    return len(leaves), work


def start_writer(count: int, name: str) -> "subprocess.Popen[str]":
    """Start a process that appends when told to."""
    process = subprocess.Popen(  # noqa: S603  this very file
        [sys.executable, __file__, "--write", str(count), "--as", name],
        env={**os.environ, "DATABASE_URL": ledger_beside.database_url()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    await_word(process, "ready")
    return process


def await_word(process: "subprocess.Popen[str]", word: str) -> None:
    """Wait until a process says a word."""
    if process.stdout is None or process.stdout.readline().strip() != word:
        raise SystemExit(f"a writer did not say {word}")


def write_side_by_side(writers: int, count: int, series: Series) -> None:
    """Let so many processes append to cases of their own at once, and time the whole."""
    processes = [start_writer(count, f"{writers}-{number}") for number in range(writers)]

    def work() -> None:
        for process in processes:
            if process.stdin:
                process.stdin.write("go\n")
                process.stdin.flush()
        for process in processes:
            await_word(process, "done")

    series.measure(writers * count, work)
    for process in processes:
        process.communicate(timeout=60)


def be_a_writer(count: int, name: str) -> None:
    """Append when told to; the heads of the streams stand before."""
    append(STREAMS, streams=name)
    print("ready", flush=True)
    sys.stdin.readline()
    append(count, streams=name)
    print("done", flush=True)


class Measured:
    """All series of one run, and what measures a round of them."""

    def __init__(self, entries: int, writers: int) -> None:
        vendor = connection.vendor
        self.few, self.rest, self.writers = entries // 4, entries - entries // 4, writers
        self.appends = Series(f"ledger append, {vendor}", "orchestra")
        self.bare = Series(f"ledger append, {vendor}", "bare INSERTs")
        self.history = Series(f"ledger append, {vendor}", "simple-history save()")
        self.together = Series(f"ledger append, {vendor}", "the same, one commit")
        self.one = Series(f"ledger writers, {vendor}", "one")
        self.many = Series(f"ledger writers, {vendor}", f"{writers} at once")
        self.sequences = Series(f"ledger sequence and sign, {vendor}", "orchestra")
        self.verifies = Series(f"ledger verify, {vendor}", "orchestra")
        self.hashing = Series("ledger verify, hashing alone", "orchestra")
        append(STREAMS)
        self.insert = ledger_beside.make_bare_tables()
        self.save = ledger_beside.make_tracked_rows()
        services.sequence(now=AT)

    def measure_appends(self, number: int) -> None:
        """Append, and do what it stands beside."""
        few = self.few
        self.history.measure(few, lambda: self.save(few))
        self.together.measure(few, lambda: self.save(few, together=True))
        self.appends.measure(few, lambda: append(few))
        self.bare.measure(few, lambda: self.insert(few, number * few))
        if connection.vendor == "postgresql" and self.writers:
            write_side_by_side(1, few, self.one)
            write_side_by_side(self.writers, few, self.many)

    def measure_proof(self) -> None:
        """Sequence and verify what was appended, and more."""
        append_in_bulk(self.rest)
        waiting = LedgerEntry.objects.filter(leaf_index__isnull=True).count()
        self.sequences.measure(waiting, lambda: services.sequence(now=AT))
        begun = time.perf_counter()
        report = services.verify(now=AT)
        self.verifies.rates.append(report.size / (time.perf_counter() - begun))
        if not report.ok:
            raise SystemExit(f"the ledger does not verify: {report.problems}")
        self.hashing.measure(*hash_in_memory())

    def series(self) -> list[Series]:
        """Return what was measured."""
        found = (self.appends, self.bare, self.history, self.together, self.one, self.many)
        every = (*found, self.sequences, self.verifies, self.hashing)
        return [series for series in every if series.rates]

    def ratios(self) -> list[Ratio]:
        """Return what the figures are held against."""
        ratios = [
            Ratio("append : simple-history save()", self.appends, self.history, TIMES_HISTORY),
            Ratio("append : bare INSERTs", self.appends, self.bare, SHARE_OF_BARE),
        ]
        if self.many.rates:
            name = f"{self.writers} writers : one"
            ratios.append(Ratio(name, self.many, self.one, TIMES_ONE_WRITER))
        return ratios


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--entries", type=int, default=3000, help="entries a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--writers", type=int, default=8, help="processes at once; 0 for none")
    parser.add_argument("--write", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--as", dest="name", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        be_a_writer(options.write, options.name)
        return
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        measured = Measured(options.entries, options.writers)
        for number in range(options.rounds):
            measured.measure_appends(number)
            measured.measure_proof()
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    for item in [*measured.series(), *measured.ratios()]:
        line = item.as_json()
        if options.json:
            print(json.dumps(line))
        elif "ratio" in line:
            print(
                f"{line['ratio']:<40} {line['median']} (least {line['least']}; "
                f"wanted at least {line['wanted']})"
            )
        else:
            print(f"{line['bench']:<40} {line['subject']:<22} {line['median']:>12,} entries/s")


if __name__ == "__main__":
    main()
