"""How fast the ledger appends, sequences and verifies.

Appends are one commit an entry, and stand beside a bare INSERT of the same row into a table
of the same shape in the same run, round by round, since only the ratio travels between
machines. Makes its own database: SQLite in a temporary folder, or ``test_…`` on DATABASE_URL.

    python benchmarks/ledger.py [--json] [--entries 3000] [--rounds 5]
"""

# ruff: noqa: E402  Django is set up before its models can be imported

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("ORCHESTRA_TEST_DIR", tempfile.mkdtemp(prefix="orchestra-bench-"))

import django

django.setup()

from django.db import connection, transaction

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


def append(count: int, *, a_commit_each: bool = True) -> None:
    """Append entries to streams in turn."""
    for number in range(count):
        draft = EntryDraft(
            stream=f"case:bench-{number % STREAMS}",
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


COLUMNS = (
    "stream, seq, kind, at, actor_kind, actor_id, subject_kind, subject_id, leaf_bytes, leaf_hash"
)


def make_plain_table() -> None:
    """Make a table of the entries' shape, with its unique keys and without its guards."""
    binary = "bytea" if connection.vendor == "postgresql" else "blob"
    key = (
        "bigserial PRIMARY KEY"
        if connection.vendor == "postgresql"
        else "integer PRIMARY KEY AUTOINCREMENT"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE bench_plain (id {key}, stream varchar(120), seq bigint, "
            "kind varchar(100), at varchar(40), actor_kind varchar(20), actor_id varchar(100), "
            "subject_kind varchar(100), subject_id varchar(100), "
            f"leaf_bytes {binary}, leaf_hash varchar(64) UNIQUE, UNIQUE (stream, seq))"
        )


def insert_plain(count: int, first: int) -> None:
    """Insert rows of the same columns, one commit each, through the same driver."""
    leaf = bytes(LedgerEntry.objects.order_by("-id")[0].leaf_bytes)
    marks = ", ".join(["%s"] * len(COLUMNS.split(",")))
    statement = f"INSERT INTO bench_plain ({COLUMNS}) VALUES ({marks})"  # noqa: S608  constants only
    for seq in range(first, first + count):
        row = ["case:bench", seq, "act.refused", str(AT), "agent", AGENT.id, "tool_call", "x"]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [*row, leaf, f"{seq:064x}"])


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


def run(entries: int, rounds: int) -> list[Series]:
    """Measure everything, round by round."""
    vendor = connection.vendor
    appends = Series(f"ledger append, {vendor}", "orchestra")
    plain = Series(f"ledger append, {vendor}", "bare INSERT")
    sequences = Series(f"ledger sequence and sign, {vendor}", "orchestra")
    verifies = Series(f"ledger verify, {vendor}", "orchestra")
    hashing = Series("ledger verify, hashing alone", "orchestra")
    make_plain_table()
    append(STREAMS)
    services.sequence(now=AT)
    for number in range(rounds):
        few = entries // 4
        appends.measure(few, lambda few=few: append(few))
        plain.measure(few, lambda few=few, number=number: insert_plain(few, number * few))
        append_in_bulk(entries - few)
        # Places what was appended, and the entry of the checkpoint before.
        sequences.measure(entries + 1, lambda: services.sequence(now=AT))
        begun = time.perf_counter()
        report = services.verify(now=AT)
        verifies.rates.append(report.size / (time.perf_counter() - begun))
        if not report.ok:
            raise SystemExit(f"the ledger does not verify: {report.problems}")
        hashing.measure(*hash_in_memory())
    return [appends, plain, sequences, verifies, hashing]


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--entries", type=int, default=3000, help="entries a round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        series = run(options.entries, options.rounds)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    for item in series:
        line = item.as_json()
        if options.json:
            print(json.dumps(line))
        else:
            print(f"{line['bench']:<40} {line['subject']:<12} {line['median']:>12,} entries/s")


if __name__ == "__main__":
    main()
