"""How fast a pack of evidence is built and checked, and how much memory either takes.

Fills a database of its own (SQLite in a temporary folder, or ``test_…`` on DATABASE_URL) twice,
small and then ten times as large. Each time, in processes of their own, it builds a pack of the
whole ledger, checks it by the verifier, and beside that dumps the same rows as JSON Lines by the
serializer of the ORM, which proves nothing.

    python benchmarks/evidence.py [--entries 30000] [--streams 3000] [--json]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.conf import settings
from django.core import serializers
from django.db import connection

from benchmarks.common import in_child, peak_mb
from benchmarks.verify import AT, fill  # sets Django up
from governance.evidence import selectors
from governance.evidence.models import EvidenceExport
from governance.evidence.services import request_export, run_export
from governance.evidence.types import ExportScope, ExportState, ScopeKind
from governance.evidence.verifier import verifier
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core.actors import system

MEBI = 1024 * 1024
BUILDER = system("benchmark")


def build() -> dict[str, object]:
    """Build a pack of the whole ledger; its own check of it is part of the time."""
    scope = ExportScope(ScopeKind.LEDGER)
    export = request_export(actor=BUILDER, now=AT + timedelta(days=1), scope=scope, leave_out=[])
    begun = time.perf_counter()
    while run_export(export_pk=export.pk) in (ExportState.QUEUED, ExportState.RUNNING):
        pass
    seconds = time.perf_counter() - begun
    export.refresh_from_db()
    path = selectors.find_file(export)
    return {**_figures("build_and_check", "orchestra", export.done, seconds),
            "streams": export.counts["streams"], "pack_mb": round(path.stat().st_size / MEBI),
            "checker_peak_rss_mb": peak_mb(of_children=True)}  # fmt: skip


def check() -> dict[str, object]:
    """Check the newest pack, alone, as its reader does."""
    export = EvidenceExport.objects.latest("pk")
    path = selectors.find_file(export)
    begun = time.perf_counter()
    command = [sys.executable, "-I", "-S", verifier.__file__, str(path)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  our own file
    seconds = time.perf_counter() - begun
    return {**_figures("check", "orchestra", export.done, seconds),
            "peak_rss_mb": peak_mb(of_children=True)}  # fmt: skip


def dump() -> dict[str, object]:
    """Write the same rows as JSON Lines, as one line of Django does it."""
    with tempfile.TemporaryFile("w", encoding="utf-8") as file:
        begun = time.perf_counter()
        for rows in (LedgerEntry.objects.all(), EntryPayload.objects.all()):
            serializers.serialize("jsonl", rows, stream=file)
        seconds = time.perf_counter() - begun
    return _figures("dump", "ORM serializer", LedgerEntry.objects.count(), seconds)


def _figures(bench: str, subject: str, count: int, seconds: float) -> dict[str, object]:
    return {
        "bench": bench,
        "subject": subject,
        "database": connection.vendor,
        "entries": count,
        "seconds": round(seconds, 2),
        "entries_per_second": round(count / seconds),
        "peak_rss_mb": peak_mb(),
    }


def main() -> None:
    """Fill, measure and print one JSON line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=30_000)
    parser.add_argument("--streams", type=int, default=3_000)
    parser.add_argument("--json", action="store_true", help="accepted; the lines are JSON anyway")
    options = parser.parse_args()
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        small = options.entries // 10
        with tempfile.TemporaryDirectory(prefix="orchestra-evidence-") as folder:
            settings.EVIDENCE_DIR = folder
            for begin, count in ((0, small), (small, options.entries - small)):
                fill(count, max(1, options.streams * (begin + count) // options.entries), begin)
                for measure in (build, check, dump):
                    print(json.dumps(in_child(measure)), flush=True)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


if __name__ == "__main__":
    main()
