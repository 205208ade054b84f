"""How many entries a second verify reads on one core, and how much memory it takes.

Fills a database of its own (SQLite in a temporary folder, or ``test_…`` on DATABASE_URL),
verifies it whole in a process pinned to one core, appends some more, and verifies those.

    python benchmarks/verify.py [--entries 300000] [--streams 30000] [--json]
"""

# ruff: noqa: E402  Django is set up before its models can be imported

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("ORCHESTRA_TEST_DIR", tempfile.mkdtemp(prefix="orchestra-bench-"))

import django

django.setup()

from django.db import connection

from benchmarks.common import in_child, peak_mb
from governance.ledger import services
from governance.ledger.types import EntryDraft, VerifyReport
from orchestra.core.actors import Actor, ActorKind

AT = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
AGENT = Actor(kind=ActorKind.AGENT, id="0193a1b2-7c3d-7000-8000-0123456789ab", label="Assistant")
#: About what a proposed tool call carries.
PAYLOAD = {
    "act": "cancel_pending_order",
    "message": "The customer asked for it and the order has not left the warehouse. " * 3,
}
AT_ONCE = 2000


def fill(count: int, streams: int, begin: int = 0) -> None:
    """Append entries, many in one act, and give them their places."""
    for start in range(begin, begin + count, AT_ONCE):
        with services.one_act():
            for number in range(start, min(start + AT_ONCE, begin + count)):
                stream = f"case:{number % streams:032x}"
                draft = EntryDraft(stream=stream, kind="act.refused", payload=PAYLOAD)
                services.append_entry(actor=AGENT, now=AT, draft=draft)
    services.sequence(now=AT)


def measured(*, since_last: bool) -> dict[str, object]:
    """Verify once on one core and return the figures."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    before, begun = time.process_time(), time.perf_counter()
    report: VerifyReport = services.verify(now=AT, since_last=since_last)
    wall, cpu = time.perf_counter() - begun, time.process_time() - before
    count = report.size - report.first
    return {
        "bench": "verify_since_last" if since_last else "verify_whole",
        "database": connection.vendor,
        "ok": report.ok,
        "entries": count,
        "seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "entries_per_second": round(count / wall),
        "entries_per_cpu_second": round(count / cpu),
        "peak_rss_mb": peak_mb(),
    }


def main() -> None:
    """Fill, measure and print one JSON line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=300_000)
    parser.add_argument("--streams", type=int, default=30_000)
    parser.add_argument("--json", action="store_true", help="accepted; the lines are JSON anyway")
    options = parser.parse_args()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        # A small one first shows how much memory is there before the ledger is long.
        for count in (options.entries // 10, options.entries - options.entries // 10):
            fill(count, options.streams)
            print(json.dumps(in_child(partial(measured, since_last=False))), flush=True)
        fill(options.entries // 30, options.streams)
        print(json.dumps(in_child(partial(measured, since_last=True))), flush=True)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
