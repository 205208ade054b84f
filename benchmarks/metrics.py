"""How long the outcome metrics take from scratch, beside the same aggregates in bare SQL.

Fills the ledger of the database that ``DATABASE_URL`` names with invented cases, nine entries
each: opened, bound, classified, journey begun, spoken, a step ready and done, resolved, closed;
one in eight is handed over, one in nine comes back. Then times

- ``rebuild``: all rows of all cases from the first entry;
- ``measure``: every metric in force over all of them, with curves, intervals and breakdowns;
- ``bare SQL``: rates, the median and the mean of one flat table of the same cases, without
  open or withdrawn cases, intervals, breakdowns, or anything left out.

Needs PostgreSQL. What is there already stays, so a second run begins at once.

    python benchmarks/metrics.py [--json] [--cases 20000] [--runs 1]
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/orchestra_bench_metrics")

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from benchmarks.pages import make_database

# isort: split

from django.db import connection, transaction

from governance.ledger.models import LedgerEntry
from orchestra.core.actors import system
from qa.builtin.services import load_shipped
from qa.measurement.measured import Period
from qa.measurement.measuring import measure
from qa.measurement.selectors import list_in_force, select_cases, spec_of
from qa.measurement.services import rebuild

START = datetime(2026, 1, 5, tzinfo=UTC)
NOW = START + timedelta(days=200)
BATCH = 20_000
FLAT = """
CREATE TABLE IF NOT EXISTS bench_flat_cases (
  number bigint PRIMARY KEY, opened_at timestamptz, resolved_at timestamptz,
  returned_at timestamptz, moved boolean, wrap_seconds int, failed boolean, complete boolean
)
"""
BARE = {
    "recontact": "SELECT avg((returned_at <= resolved_at + interval '7 days')::int)"
    " FROM bench_flat_cases",
    "transfer": "SELECT avg(moved::int) FROM bench_flat_cases",
    "time": "SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP"
    " (ORDER BY resolved_at - opened_at) FROM bench_flat_cases",
    "work": "SELECT avg(wrap_seconds) FROM bench_flat_cases",
    "exceptions": "SELECT avg(failed::int) FROM bench_flat_cases",
    "completeness": "SELECT avg(complete::int) FROM bench_flat_cases",
}
Row = tuple[str, int, str, str, str, dict[str, Any]]


def main() -> None:
    """Fill the ledger, compute everything in turns, print what it took."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cases", type=int, default=20_000)
    arguments.add_argument("--runs", type=int, default=1)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    make_database()
    load_shipped(actor=system("benchmark"), now=START)
    fill(options.cases)
    acts: dict[tuple[str, str], Callable[[], object]] = {
        ("rows from scratch", "orchestra"): lambda: rebuild(now=NOW),
        ("all metrics", "orchestra"): measure_all,
        ("all metrics", "bare SQL"): ask_bare,
    }
    samples: dict[tuple[str, str], list[float]] = {key: [] for key in acts}
    for _run in range(options.runs):
        for key, act in acts.items():
            begin = time.perf_counter()
            act()
            samples[key].append(time.perf_counter() - begin)
    figures: list[Figure] = [
        figure_of(bench=bench, subject=subject, unit="s", samples=taken)
        for (bench, subject), taken in samples.items()
    ]
    (print_lines if options.json else print_table)(figures)


def measure_all() -> None:
    """Compute every metric in force over all cases."""
    for version in list_in_force():
        spec = spec_of(version)
        period = Period(START - timedelta(days=1), NOW, NOW)
        cases = select_cases(cohort=spec.cohort, begin=period.begin, end=period.end)
        measure(spec=spec, cases=cases, period=period)


def ask_bare() -> None:
    """Ask the flat table for the same six, without what makes them honest."""
    with connection.cursor() as cursor:
        for statement in BARE.values():
            cursor.execute(statement)
            cursor.fetchall()


def fill(wanted: int) -> None:
    """Bring ledger and flat table to the number of cases asked for."""
    with connection.cursor() as cursor:
        cursor.execute(FLAT)
        cursor.execute("SELECT count(*) FROM bench_flat_cases")
        (begin,) = cursor.fetchone()
    for first in range(begin, wanted, BATCH):
        last = min(wanted, first + BATCH)
        note(f"adding cases {first:,} to {last:,} of {wanted:,}")
        # A run that ends here goes on at the first case of a batch.
        with transaction.atomic():
            _fill(first, last)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _fill(first: int, last: int) -> None:
    place = LedgerEntry.objects.order_by("-leaf_index").values_list("leaf_index", flat=True).first()
    newest = LedgerEntry.objects.order_by("-id").values_list("id", flat=True).first()
    index, key = (-1 if place is None else place) + 1, (newest or 0) + 1
    entries, payloads, flat = [], [], []
    for number in range(first, last):
        for seq, (stream, minute, kind, who, subject, payload) in enumerate(_entries(number)):
            kind_of_actor, _, name = who.partition(":")
            at = START + timedelta(seconds=number * 10, minutes=minute)
            entries.append(
                (key, stream, seq + 1, kind, at, kind_of_actor, name, "", subject, b"",
                 f"{key:064x}", index)
            )  # fmt: skip
            body = json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()
            payloads.append((key, b"0" * 32, body))
            key, index = key + 1, index + 1
        flat.append(_flat(number))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        _copy(
            cursor,
            "governance_ledgerentry (id, stream, seq, kind, at, actor_kind, actor_id,"
            " subject_kind, subject_id, leaf_bytes, leaf_hash, leaf_index)",
            entries,
        )
        _copy(cursor, "governance_entrypayload (entry_id, salt, body)", payloads)
        _copy(cursor, "bench_flat_cases", flat)
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('governance_ledgerentry', 'id'), %s)", [key]
        )


def _copy(cursor: Any, into: str, rows: list[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _minutes(number: int) -> int:
    return 30 + number * 7919 % 2_000


def _entries(number: int) -> Iterator[Row]:
    case, end = str(UUID(int=number + 1)), _minutes(number)
    stream, bot = f"case:{case}", f"agent:bot-{number % 5}"
    channel = ("chat", "voice", "email", "web")[number % 4]

    def row(minute: int, kind: str, who: str, subject: str = "", **payload: Any) -> Row:
        return stream, minute, kind, who, subject, payload

    yield row(0, "case.opened", bot, channel=channel, queue="care", interaction=f"k{number}")
    yield row(0, "customer.bound", "system:journey", f"customer-{number}")
    yield row(0, "case.classified", "system:journey", intent="return")
    yield row(
        0, "journey.started", "system:journey", f"j{number}",
        cue_sheet="returns", version=1, pattern="ai_first",
    )  # fmt: skip
    yield row(1, "message.added", bot, interaction=f"k{number}", speaker="ai")
    step = f"s{number}"
    yield row(1, "step.ready", "system:journey", step, step="refund", owner="ai")
    failed = number % 30 == 0
    yield row(
        2, "step.failed" if failed else "step.done", "system:journey", step,
        step="refund", owner="ai", cue_sheet="returns", version=1,
    )  # fmt: skip
    if number % 8 == 0:
        yield row(
            3, "handoff.offered", bot, f"h{number}",
            queue_key="billing", transfer="escalation", reason_code="other", bundle_digest="d",
        )  # fmt: skip
        yield row(4, "handoff.accepted", "human:ben", f"h{number}", both_present=False)
    yield row(
        end, "case.resolved", "human:ben",
        confirmed=True, outcome="Done", after_contact_seconds=number % 400,
    )  # fmt: skip
    if number % 9 == 0:
        back = end + 60 * (number % 300)
        yield row(back, "case.reopened", bot)
        yield row(back, "interaction.started", bot, f"r{number}", channel=channel, rejoined=True)
        yield row(back + 30, "case.resolved", "human:ben", confirmed=True, outcome="Done")
        end = back + 30
    yield row(end + 1, "case.closed", "human:ben")


def _flat(number: int) -> tuple[Any, ...]:
    opened = START + timedelta(seconds=number * 10)
    resolved = opened + timedelta(minutes=_minutes(number))
    back = resolved + timedelta(hours=number % 300) if number % 9 == 0 else None
    return (
        number, opened, resolved, back, number % 8 == 0, number % 400, number % 30 == 0, True
    )  # fmt: skip


if __name__ == "__main__":
    main()
