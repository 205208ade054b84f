# ruff: noqa: E402  the settings come before anything that reads them
"""A rehearsal end to end: records read from the database, compared, and the result written.

Makes records in the database that ``DATABASE_URL`` names and leaves them there: give one that is
migrated, empty, and can be dropped.

    DATABASE_URL=postgres://… python benchmarks/backtest_stored.py [--json] [--decisions N]
"""

import argparse
import cProfile
import os
import pstats
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")

import django

django.setup()

from django.db import connection

from benchmarks.backtest import draft_of, make_records
from benchmarks.common import figure_of
from benchmarks.decide import TABLE
from governance.policies.catalogue import Catalogue, known_facts
from governance.policies.loading import policies_in_force
from governance.policies.models import DecisionRecord, Rehearsal
from governance.policies.parsing import table_to_document
from governance.policies.services import publish_version, run_rehearsal, start_rehearsal
from governance.policies.types import RehearsalState, Scope
from orchestra.core.actors import system

ROUNDS = 3
AT = datetime(2026, 11, 19, 12, tzinfo=UTC)
ACTOR = system("benchmark")
#: No tool has to be known.
EVERYWHERE = replace(TABLE, scope=Scope())


def store(count: int) -> None:
    """Put a policy in force and as many decisions on record."""
    publish_version(
        actor=ACTOR,
        now=AT - timedelta(days=1),
        policy_key=TABLE.key,
        title=TABLE.title,
        document=table_to_document(EVERYWHERE),
        catalogue=Catalogue(facts=known_facts()),
    )
    rows = [
        DecisionRecord(
            subject_kind="tool_call",
            subject_id=f"call-{number}",
            stream="case:benchmark",
            outcome="allow",
            at=AT,
            body=body,
            digest=digest,
        )
        for number, (body, digest) in enumerate(make_records(count, policies_in_force()))
    ]
    DecisionRecord.objects.bulk_create(rows, batch_size=2000)
    # A server in use knows its tables; one that was filled a second ago does not yet.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def rehearse() -> Rehearsal:
    """Run one rehearsal to its end."""
    begun = start_rehearsal(
        actor=ACTOR,
        now=AT + timedelta(hours=1),
        policy_key=TABLE.key,
        document=table_to_document(draft_of(EVERYWHERE)),
        since=AT - timedelta(hours=1),
    )
    while run_rehearsal(rehearsal_pk=begun.pk) is not RehearsalState.DONE:
        pass
    begun.refresh_from_db()
    return begun


def main() -> None:
    """Measure the rounds, and print the median."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--decisions", type=int, default=20_000)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    asked = parser.parse_args()
    if DecisionRecord.objects.exists():
        raise SystemExit("the database already holds decisions; give an empty one")
    store(asked.decisions)
    profiler: Any = cProfile.Profile() if asked.profile else None
    samples = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        if profiler:
            profiler.enable()
        done = rehearse()
        if profiler:
            profiler.disable()
        samples.append(done.done / (time.perf_counter() - begun))
    figure = figure_of(
        bench="backtest_stored",
        subject="orchestra",
        unit="decisions/s",
        samples=samples,
        more_is_better=True,
    )
    line = f"{figure.bench:<16} {figure.median:12,.0f} /s  (95 %: {figure.p95:,.0f})"
    print(figure.as_line() if asked.json else line)
    if profiler:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
