"""How long a page of the ledger's explorer takes on a full ledger, beside a page by OFFSET.

Every filter is asked for its first page and for a page deep in its entries, in turns with the
page of the same depth by OFFSET over the same conditions, in one process. Times are those of
finding the entries and reading them with their payloads; nothing is drawn. The count of what
matches is found by ours and not asked of the OFFSET page, which is in its favour.

Needs PostgreSQL. Fills the database that ``DATABASE_URL`` names, which it makes where it is
missing, by INSERT from series: entries of invented bytes, three facets on four of ten, six
words out of five thousand each, rare ones rarely. What is there already stays.

    python benchmarks/explorer.py [--json] [--entries 1000000] [--runs 15]
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")
os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/orchestra_bench_explorer")

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from benchmarks.pages import make_database

# isort: split

from django.db import connection

from benchmarks.loading import Work, build, leave_log, side_by_side, take_indexes
from governance.ledger.indexing import index_digests, key_id
from governance.ledger.models import EntryIndex, LedgerEntry
from governance.ledger.searching import Place, search
from governance.ledger.selection import EntrySelection, select

SIZE = 40
BATCH = 250_000
#: What an entry fills, those first whose indexes take longest.
TABLES = [
    f"governance_{name}"
    for name in ("ledgerentry", "entryword", "entryfacet", "entrypayload", "entryhour")
]
VOCABULARY = 5_000
START = datetime(2026, 1, 1, tzinfo=UTC)
#: Entries a second of the invented ledger: ten million are about four months.
PER_SECOND = 1
SELECTIONS = {
    "everything": EntrySelection(),
    "case": EntrySelection(streams=("case:1000",)),
    "person": EntrySelection(actor_ids=("person-7",)),
    "agent": EntrySelection(actor_ids=("agent-1",)),
    "kind": EntrySelection(kinds=("approval.",)),
    "tool": EntrySelection(tools=("tool_1",)),
    "policy version": EntrySelection(policies=("policy-11",)),
    "risk": EntrySelection(risks=("high",)),
    "time": EntrySelection(
        since=START + timedelta(seconds=200_000), until=START + timedelta(seconds=700_000)
    ),
    "frequent word": EntrySelection(text="word3"),
    "rare word": EntrySelection(text="word4990"),
    "two words": EntrySelection(text="word3 word40"),
    "tool, risk and kind": EntrySelection(
        tools=("tool_1",), risks=("critical",), kinds=("approval.",)
    ),
    "person, word and time": EntrySelection(
        actor_ids=("person-7",),
        text="word3",
        since=START + timedelta(seconds=200_000),
        until=START + timedelta(seconds=700_000),
    ),
}
#: Value of the n-th entry by column; the shares are invented.
KINDS = [
    "step.ready",
    "step.done",
    "message.added",
    "decision.recorded",
    "tool_call.proposed",
    "execution.claimed",
    "tool_call.succeeded",
    "decision.reaffirmed",
    "approval.requested",
    "approval.voted",
    "approval.granted",
    "case.read",
    "case.opened",
    "checkpoint.published",
    "ledger.read",
    "act.refused",
]


def main() -> None:
    """Fill the ledger, ask for every page in turns, print what it took."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--entries", type=int, default=1_000_000)
    arguments.add_argument("--runs", type=int, default=15)
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    make_database()
    fill(options.entries)
    figures = [
        figure for name, selection in SELECTIONS.items() for figure in ask(name, selection, options)
    ]
    (print_lines if options.json else print_table)(figures)


def fill(wanted: int) -> None:
    """Bring the ledger to the number of entries asked for."""
    begin = LedgerEntry.objects.count()
    if begin >= wanted:
        return
    leave_log()
    indexes = take_indexes(TABLES, with_keys=TABLES[1:4])
    for first in range(begin, wanted, BATCH):
        last = min(wanted, first + BATCH) - 1
        note(f"adding entries {first:,} to {last:,} of {wanted:,}")
        side_by_side((_write(words, first, last) for words in (False, True)), in_one=True)
    with connection.cursor() as cursor:
        cursor.execute(HOURS, {"first": begin, "last": wanted - 1})
    EntryIndex.objects.update_or_create(pk=1, defaults={"next_index": wanted, "key_id": key_id()})
    build(indexes, TABLES)


def _write(words: bool, first: int, last: int) -> Work:  # noqa: FBT001  a half of the work
    """Return what writes a span of entries: what is found of them, or they themselves."""

    def work(cursor: Any) -> None:
        if words:
            digests = index_digests(f"word{number}" for number in range(VOCABULARY))
            cursor.execute(
                "CREATE TEMPORARY TABLE vocabulary (rank int PRIMARY KEY, digest bigint)"
            )
            with cursor.copy("COPY vocabulary FROM STDIN") as copy:
                for row in enumerate(digests):
                    copy.write_row(row)
        for statement in (FACETS, WORDS) if words else (ENTRIES, PAYLOADS):
            cursor.execute(statement, {"first": first, "last": last})

    return work


def ask(name: str, selection: EntrySelection, options: argparse.Namespace) -> list[Figure]:
    """Return what the pages of one filter took."""
    rows = select(selection).select_related("payload").order_by("-id")
    count = select(selection).count()
    depth = min(count // 2, 500_000)
    deep = rows[depth].pk if depth else 0
    asked: dict[str, Callable[[], Any]] = {
        "orchestra, first page": lambda: search(selection, place=Place(), size=SIZE),
        "by OFFSET, first page": lambda: list(rows[:SIZE]),
    }
    if depth > SIZE:
        at = f"page at {depth:,}"
        asked[f"orchestra, {at}"] = lambda: search(selection, place=Place(key=deep), size=SIZE)
        asked[f"by OFFSET, {at}"] = lambda: list(rows[depth : depth + SIZE])
    samples: dict[str, list[float]] = {subject: [] for subject in asked}
    for run in range(options.runs + 1):
        for subject, page in asked.items():
            begin = time.perf_counter()
            page()
            if run:
                samples[subject].append((time.perf_counter() - begin) * 1_000)
    bench = f"{name}: {count:,} of {options.entries:,}"
    return [
        figure_of(bench=bench, subject=subject, unit="ms", samples=taken)
        for subject, taken in samples.items()
    ]


SERIES = "FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n"
KIND = "(ARRAY[" + ", ".join(f"'{kind}'" for kind in KINDS) + "])[1 + mod(n, 16)]"
ENTRIES = f"""
INSERT INTO governance_ledgerentry (id, stream, seq, kind, at, actor_kind, actor_id,
  subject_kind, subject_id, leaf_bytes, leaf_hash, leaf_index)
SELECT n + 1, CASE WHEN mod(n, 16) >= 13 THEN 'system' ELSE 'case:' || n / 40 END, n + 1, {KIND},
  timestamptz '{START.isoformat()}' + n / {PER_SECOND} * interval '1 second',
  (ARRAY['agent', 'agent', 'system', 'human'])[1 + mod(n, 4)],
  CASE mod(n, 4) WHEN 3 THEN 'person-' || mod(n / 4, 300) WHEN 2 THEN 'journey'
    ELSE 'agent-' || mod(n / 8, 5) END,
  'tool_call', 'call-' || n / 8,
  convert_to(rpad(n::text, 430, md5(n::text)), 'UTF8'), md5(n::text) || md5(n || 'x'), n
{SERIES}"""
PAYLOADS = f"""
INSERT INTO governance_entrypayload (entry_id, salt, body)
SELECT n + 1, decode(md5(n::text) || md5(n || 's'), 'hex'),
  convert_to('{{"actor_label":"Maren Osei","message":"' || rpad('', 300, md5(n::text)) || '"}}',
    'UTF8')
{SERIES}"""
FACETS = f"""
INSERT INTO governance_entryfacet (entry_id, name, value)
SELECT n + 1, fact.name, fact.value {SERIES} CROSS JOIN LATERAL (VALUES
  ('tool', 'tool_' || floor(16 * power(((n / 8) * 7919 %% 1000) / 1000.0, 2))),
  ('risk', (ARRAY['low', 'low', 'low', 'medium', 'medium', 'high', 'low', 'critical'])
    [1 + mod(n / 8, 8)]),
  ('policy', 'policy-' || mod(n / 8, 40))) AS fact (name, value)
WHERE mod(n, 10) < 4"""
WORDS = f"""
INSERT INTO governance_entryword (payload_id, digest)
SELECT DISTINCT n + 1, v.digest {SERIES} CROSS JOIN generate_series(1, 6) AS w
JOIN vocabulary AS v
  ON v.rank = floor({VOCABULARY} * power(mod(n * 7919 + w * 104729, 99991) / 99991.0, 3))"""
HOURS = """
INSERT INTO governance_entryhour (hour, first, last)
SELECT date_trunc('hour', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', min(id), max(id)
FROM governance_ledgerentry WHERE id BETWEEN %(first)s::bigint + 1 AND %(last)s::bigint + 1
GROUP BY 1
ON CONFLICT (hour) DO UPDATE SET first = LEAST(governance_entryhour.first, EXCLUDED.first),
  last = GREATEST(governance_entryhour.last, EXCLUDED.last)"""


if __name__ == "__main__":
    main()
