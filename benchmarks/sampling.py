"""A sample of 500 out of millions, by the index of numbers, beside a sort by a hash.

    DATABASE_URL=postgres://… python benchmarks/sampling.py --rows 10000000

The database is one that may be dropped: its tables lose keys while they are filled, and what is
written is deleted at the end. First, at a small
size, the drawn ids of SQLite and PostgreSQL are compared. Rows are made by SQL, with the numbers
that the product's own formula gives them.
"""

import argparse
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/orchestra_bench_sampling")

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from benchmarks.pages import make_database

# isort: split

from django.db import connection, transaction

from cases.memory.models import Case
from governance.access.models import Queue
from orchestra.core.actors import Actor, system
from orchestra.core.history import acting, save_as
from qa.sampling.drawing import draw, seed_commitment
from qa.sampling.models import FrameUnit, SamplePeriod, SamplingPlan, SamplingPlanVersion

SEED, PLAN, VERSION, TAKEN = "orchestra-demo-seed", "bench", 1, 500
#: SHA-256(seed | plan/version | unit), its first 8 bytes as text: the formula of ``unit_number``.
NUMBER = (
    f"left(encode(sha256(convert_to('{SEED}|{PLAN}/v{VERSION}|' || u.subject, 'UTF8')), 'hex'), 16)"
)
FRAME = (
    "INSERT INTO qa_frameunit (period_id, unit_id, stratum, number)"  # noqa: S608  our own text
    f" SELECT %s, u.id, 'all', {NUMBER} FROM qa_samplingunit u WHERE u.subject LIKE 'bench-%%'"
)
BY_INDEX = """
    SELECT unit_id FROM qa_frameunit WHERE period_id = %s AND stratum = 'all'
    ORDER BY number, id LIMIT 500"""
BY_HASH = """
    SELECT f.unit_id FROM qa_frameunit f JOIN qa_samplingunit u ON u.id = f.unit_id
    WHERE f.period_id = %s AND f.stratum = 'all' ORDER BY md5(%s || u.subject) LIMIT 500"""


def main() -> None:
    """Fill, measure, compare, clean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--equal", type=int, default=20_000, help="rows of the comparison")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    make_database()
    try:
        _compare(asked.equal)
        began = time.perf_counter()
        period = _fill(asked.rows)
        note(f"filled {asked.rows:,} rows in {time.perf_counter() - began:.0f} s")
        figures = _measure(period, asked)
        (print_lines if asked.json else print_table)(figures)
    finally:
        _clean()


def _compare(rows: int) -> None:
    """Draw on both databases, and by the pure function, and refuse any difference."""
    period = _fill(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.subject, f.number FROM qa_frameunit f JOIN qa_samplingunit u"
            " ON u.id = f.unit_id WHERE f.period_id = %s",
            [period.pk],
        )
        frame = dict(cursor.fetchall())
    ours = FrameUnit.objects.filter(period=period, stratum="all").order_by("number", "pk")
    there = list(ours.values_list("unit__subject", flat=True)[:TAKEN])
    (pure,) = draw(
        frame=dict.fromkeys(frame, "all"),
        sizes={"all": TAKEN},
        seed=SEED,
        plan=PLAN,
        version=VERSION,
    )
    beside = sqlite3.connect(":memory:")
    beside.execute("CREATE TABLE frame (unit TEXT, number TEXT)")
    beside.execute("CREATE INDEX by_number ON frame (number, unit)")
    beside.executemany("INSERT INTO frame VALUES (?, ?)", sorted(frame.items(), reverse=True))
    query = "SELECT unit FROM frame ORDER BY number, unit LIMIT ?"
    here = [row[0] for row in beside.execute(query, [TAKEN])]
    if not there == here == [one.unit for one in pure.drawn]:
        sys.exit("DIFFERS: the databases do not draw the same.")
    note(f"equal: the same {TAKEN} of {rows:,} on PostgreSQL, on SQLite and by the pure function")
    _clean()


def _fill(rows: int) -> SamplePeriod:
    """Write units and a frame by SQL; the frame's indexes are built once it is full."""
    actor, at = system("bench"), datetime(2026, 11, 16, tzinfo=UTC)
    plan = SamplingPlan(key=PLAN, title="Benchmark")
    save_as(plan, actor=actor)
    version = SamplingPlanVersion(
        plan=plan, number=VERSION, kind="probability", document={}, digest="0" * 64,
        author_id="bench", author_label="bench", created_at=at,
    )  # fmt: skip
    save_as(version, actor=actor)
    period = SamplePeriod.objects.create(
        version=version, starts_at=at, ends_at=at + timedelta(days=7), state="open",
        commitment=seed_commitment(SEED), committed_at=at, sealed_seed=b"",
    )  # fmt: skip
    case = _case(actor, at)
    with transaction.atomic(), connection.cursor() as cursor:
        definitions = _without_indexes(cursor)
        cursor.execute(
            """
            INSERT INTO qa_samplingunit (public_id, kind, subject, case_id, label, started_at,
                ended_at, handled_by, risk, queue, journey, channel, pattern, cue_sheet_version,
                ai_version, agent, agent_label, tenure, workers, targets, left_out,
                left_out_reason, position)
            SELECT gen_random_uuid(), 'interaction', 'bench-' || n, %s, 'I-' || n, %s, %s, 'ai',
                'low', '', '', 'chat', '', '', '', '', '', '', '[]', '[]', '', '', 0
            FROM generate_series(1, %s) AS n""",
            [case, at, at, rows],
        )
        cursor.execute(FRAME, [period.pk])
        for definition in definitions:
            cursor.execute(definition)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE qa_frameunit")
        cursor.execute("ANALYZE qa_samplingunit")
    return period


def _without_indexes(cursor: Any) -> list[str]:
    """Drop what slows filling down, and return the statements that build the frame's indexes.

    The tables' other rows would be left without their keys, so this is for a database that holds
    nothing else.
    """
    cursor.execute(
        "SELECT indexdef FROM pg_indexes WHERE tablename = 'qa_frameunit'"
        " AND indexname NOT LIKE '%pkey'"
    )
    definitions = [row[0] for row in cursor.fetchall()]
    cursor.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('u', 'f')"
        " AND conrelid::regclass::text IN ('qa_frameunit', 'qa_samplingunit')"
    )
    for table, name in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT indexname FROM pg_indexes WHERE tablename IN ('qa_frameunit', 'qa_samplingunit')"
        " AND indexname NOT LIKE '%pkey'"
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP INDEX "{name}"')
    return definitions


def _case(actor: Actor, at: datetime) -> int:
    queue = Queue(key="bench", title="Benchmark")
    save_as(queue, actor=actor)
    case = Case(
        queue=queue, channel="chat", opened_by_kind="system", opened_by_id="bench",
        opened_by_label="bench", opened_at=at,
    )  # fmt: skip
    save_as(case, actor=actor)
    return int(case.pk)


def _clean() -> None:
    """Take everything away again, whole tables where nothing else stands in them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM qa_samplingunit"
            " WHERE subject NOT LIKE 'bench-%' LIMIT 1) AS others"
        )
        if cursor.fetchone()[0] == 0:
            cursor.execute("TRUNCATE qa_frameunit, qa_samplingunit CASCADE")
        else:
            cursor.execute(
                "DELETE FROM qa_frameunit WHERE period_id IN (SELECT p.id FROM qa_sampleperiod p"
                " JOIN qa_samplingplanversion v ON v.id = p.version_id"
                " JOIN qa_samplingplan s ON s.id = v.plan_id WHERE s.key = %s)",
                [PLAN],
            )
            cursor.execute("DELETE FROM qa_samplingunit WHERE subject LIKE 'bench-%'")
    SamplePeriod.objects.filter(version__plan__key=PLAN).delete()
    with acting(system("bench")):
        SamplingPlanVersion.objects.filter(plan__key=PLAN).delete()
        SamplingPlan.objects.filter(key=PLAN).delete()
        Case.objects.filter(queue__key="bench").delete()
        Queue.objects.filter(key="bench").delete()


def _measure(period: SamplePeriod, asked: argparse.Namespace) -> list[Figure]:
    """Return how long each way takes, in the same run; the sort three times at most."""
    ways: dict[str, tuple[Callable[[Any], None], int]] = {
        "orchestra": (lambda cursor: cursor.execute(BY_INDEX, [period.pk]), asked.runs),
        "sort by md5": (
            lambda cursor: cursor.execute(BY_HASH, [period.pk, SEED]),
            min(3, asked.runs),
        ),
    }
    return [
        figure_of(
            bench=f"{TAKEN} of {asked.rows} rows",
            subject=subject,
            unit="ms",
            samples=[_timed(run, min(TAKEN, asked.rows)) for _run in range(runs)],
        )
        for subject, (run, runs) in ways.items()
    ]


def _timed(run: Callable[[Any], None], wanted: int) -> float:
    """Return the milliseconds of one query with its answer."""
    with connection.cursor() as cursor:
        began = time.perf_counter()
        run(cursor)
        found = len(cursor.fetchall())
        took = 1000 * (time.perf_counter() - began)
    if found != wanted:
        raise SystemExit(f"DIFFERS: {found} came out.")
    return took


if __name__ == "__main__":
    main()
