"""How long the outcome metrics take at many cases, beside the same aggregates in bare SQL.

Fills the ledger of the database that ``DATABASE_URL`` names with invented cases, about ten
entries each, and reads their facts from it; the facts are then copied in SQL until there are as
many cases as asked for, each copy later. Then measures, in turns,

- ``facts from the ledger``: every case folded from its entries, from the first one on;
- each of the six outcomes from its facts, with curves, intervals, breakdowns and strata, beside
  one statement that does the same over the same tables (``metrics_sql.py``); both are held
  against each other, so a figure of two things that differ is not printed;
- ``a new day``: the entries of 8,640 new cases read on, and every cell that is stale computed;
- ``all cells``: every number of the pages computed when none of them stands yet;
- ``a page``: what the database takes to give the numbers of the outcomes page.

Needs PostgreSQL. Ledger and facts that are there already stay.

    python benchmarks/metrics.py [--json] [--cases 20000] [--ledger 10000] [--runs 3]
"""

import argparse
import math
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/orchestra_bench_metrics")

from benchmarks.common import Figure, figure_of, note, peak_mb, print_lines, print_table
from benchmarks.pages import make_database

# isort: split

from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks.metrics_filling import (
    A_DAY,
    APART,
    START,
    fill_ledger,
    ledger_cases,
    multiply,
)
from benchmarks.metrics_sql import STATEMENTS
from orchestra.core.actors import system
from qa.builtin.services import load_shipped
from qa.measurement.measured import Measured, Period
from qa.measurement.measuring import measure
from qa.measurement.models import MeasuredCase, MetricCell
from qa.measurement.selectors import list_in_force, select_cases, spec_of
from qa.measurement.services import compute_due, follow_ledger, rebuild
from qa.measurement.services.computing import RETURNS
from qa.measurement.showing import list_shown
from qa.measurement.types import MetricSpec


def main() -> None:
    """Fill, compute everything in turns, print what it took."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cases", type=int, default=20_000)
    arguments.add_argument("--ledger", type=int, default=10_000)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    make_database()
    load_shipped(actor=system("benchmark"), now=START)
    fill_ledger(ledger_cases(), options.ledger)
    taken: dict[tuple[str, str], list[float]] = {}
    told = ledger_cases()
    if MeasuredCase.objects.count() < options.cases:
        _take(taken, f"facts of {told:,} cases from the ledger", "orchestra", rebuild_all)
        multiply(options.cases)
    count = MeasuredCase.objects.count()
    note(f"{count:,} cases")
    specs = [spec_of(version) for version in list_in_force()]
    six = [spec for spec in specs if spec.key in STATEMENTS]
    period = Period(START - timedelta(days=1), _end(count), _end(count))
    for _run in range(options.runs):
        for spec in six:
            ours = _take(taken, spec.key, "orchestra", lambda one=spec: from_facts(one, period))
            bare = _take(taken, spec.key, "bare SQL", lambda one=spec: ask(one.key, period))
            compare(spec, ours, bare)
    figures = [
        figure_of(bench=bench, subject=subject, unit="s", samples=samples)
        for (bench, subject), samples in taken.items()
    ]
    figures += _together(taken, options.runs)
    figures += keeping_up(count)
    figures.append(
        figure_of(bench="most memory", subject="orchestra", unit="MiB", samples=[peak_mb()])
    )
    (print_lines if options.json else print_table)(figures)


def rebuild_all() -> int:
    """Make all facts from the first entry again."""
    return rebuild(now=START + timedelta(days=300))


def from_facts(spec: MetricSpec, period: Period) -> Measured:
    """Compute one metric over all cases."""
    cases = select_cases(
        cohort=spec.cohort,
        begin=period.begin,
        end=period.end,
        with_customers=spec.formula in RETURNS,
    )
    return measure(spec=spec, cases=cases, period=period)


def ask(key: str, period: Period) -> dict[tuple[str, str], tuple[int, float]]:
    """Ask the database for the same."""
    values = {"begin": period.begin, "end": period.end, "now": period.now}
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[key], values)
        return {(dimension, value): (n, hits) for dimension, value, n, hits in cursor.fetchall()}


def compare(
    spec: MetricSpec, ours: Measured, bare: dict[tuple[str, str], tuple[int, float]]
) -> None:
    """End the run where both do not come to the same."""
    figure = ours.figure
    survived = bare.pop(("survival", ""), None)
    _n, number = survived or bare["", next(value for d, value in bare if not d)]
    if survived is None and figure.hits is not None:
        number = 100 * number / _n
    if not math.isclose(float(number) * (100 if survived else 1), figure.value or 0, rel_tol=1e-6):
        raise SystemExit(f"{spec.key}: {figure.value} here and {number} in SQL")
    for dimension, lines in ours.breakdowns.items():
        for line in lines:
            known = next(
                n for (d, value), (n, _h) in bare.items() if d == dimension and value == line.key
            )
            if line.n is not None and known != line.n:
                raise SystemExit(f"{spec.key} {dimension} {line.key}: {line.n} and {known}")


def keeping_up(count: int) -> list[Figure]:
    """Measure cells, a new day, and the page."""
    taken: dict[tuple[str, str], list[float]] = {}
    # A Monday after the last case, so that every week of it is over.
    now = _end(count) + timedelta(days=14)
    MetricCell.objects.all().delete()
    _take(taken, "all cells", "orchestra", lambda: compute_due(now=now))
    note(f"{MetricCell.objects.count()} cells")
    numbers = ledger_cases()
    fill_ledger(numbers, numbers + A_DAY, at=count)

    def read_on() -> None:
        while follow_ledger(now=now):
            continue

    _take(taken, "a new day, read", "orchestra", read_on)
    note(f"{MetricCell.objects.filter(is_stale=True).count()} cells are stale")
    _take(taken, "a new day, computed", "orchestra", lambda: compute_due(now=now))
    pages = []
    for _run in range(5):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            list_shown(now=now)
        pages.append(1000 * sum(float(one["time"]) for one in queries.captured_queries))
    figures = [
        figure_of(bench=bench, subject=subject, unit="s", samples=samples)
        for (bench, subject), samples in taken.items()
    ]
    return [
        *figures,
        figure_of(bench="a page, in the database", subject="orchestra", unit="ms", samples=pages),
    ]


def _end(count: int) -> Any:
    """Return the moment after the last case."""
    return START + timedelta(seconds=count * APART, days=10)


def _take(
    taken: dict[tuple[str, str], list[float]], bench: str, subject: str, act: Callable[[], Any]
) -> Any:
    begin, busy = time.perf_counter(), time.process_time()
    answer = act()
    taken.setdefault((bench, subject), []).append(time.perf_counter() - begin)
    busy = time.process_time() - busy
    note(f"{bench}, {subject}: {taken[bench, subject][-1]:.2f} s, {busy:.2f} s of this processor")
    return answer


def _together(taken: dict[tuple[str, str], list[float]], runs: int) -> list[Figure]:
    return [
        figure_of(
            bench="the six together",
            subject=subject,
            unit="s",
            samples=[sum(taken[key, subject][run] for key in STATEMENTS) for run in range(runs)],
        )
        for subject in ("orchestra", "bare SQL")
    ]


if __name__ == "__main__":
    main()
