"""What the metrics are measured on: invented cases in the ledger, and their facts multiplied."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Max

from benchmarks.common import note
from governance.ledger.models import LedgerEntry
from qa.measurement.columns.flattening import MANY
from qa.measurement.loading import MODELS
from qa.measurement.models import MeasuredCase

START: Final = datetime(2026, 1, 5, tzinfo=UTC)
#: Seconds between one case and the next.
APART: Final = 10
A_DAY: Final = 24 * 3600 // APART
BATCH: Final = 10_000
#: Digests, which each copy gets of its own; those of words and mixes stay.
_OWN: Final = frozenset({"customer", "issue", "contact", "handover", "step"})
Row = tuple[str, int, str, str, str, dict[str, Any]]


def fill_ledger(first: int, last: int, *, at: int | None = None) -> None:
    """Write the entries of some invented cases.

    Args:
        first: Number of the first case.
        last: Number after the last.
        at: The place in time of the first; its number where none is given.
    """
    shift = 0 if at is None else at - first
    for begin in range(first, last, BATCH):
        note(f"writing the ledger of cases {begin:,} to {min(last, begin + BATCH):,}")
        with transaction.atomic():
            _fill(begin, min(last, begin + BATCH), shift)


def ledger_cases() -> int:
    """Return how many cases the ledger has."""
    return LedgerEntry.objects.filter(kind="case.opened").count()


def multiply(wanted: int) -> None:
    """Copy the facts that were just made of the ledger, each copy later than the one before."""
    base = MeasuredCase.objects.count()
    last = MeasuredCase.objects.order_by("-pk").values_list("pk", flat=True)[0]
    for copy in range(1, -(-wanted // base)):
        note(f"copy {copy} of the facts of {base:,} cases")
        later = timedelta(seconds=copy * base * APART)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
            for model in (MeasuredCase, *(MODELS[table] for table in MANY.values())):
                statement = _copy_statement(model)
                cursor.execute(statement, {"copy": copy, "later": later, "last": last})
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('qa_measuredcase_id_seq', max(id)) FROM qa_measuredcase")
        cursor.execute("VACUUM ANALYZE")


def _copy_statement(model: type[models.Model]) -> str:
    """Return the statement that copies the facts of the cases told by the ledger."""
    names, values = [], []
    for one in model._meta.concrete_fields:  # noqa: SLF001  Django's documented entry
        name = f'"{one.column}"'
        if one.primary_key and model is not MeasuredCase:
            continue
        names.append(name)
        if isinstance(one, models.DateTimeField):
            values.append(f"{name} + %(later)s")
        elif one.primary_key or one.column == "case_id":
            values.append(f"{name} + %(copy)s * %(last)s")
        elif isinstance(one, models.UUIDField):
            values.append(f"md5({name}::text || %(copy)s)::uuid")
        elif (one.column in _OWN and model is not MeasuredCase) or one.column == "customer":
            values.append(f"CASE {name} WHEN 0 THEN 0 ELSE {name} # (%(copy)s::bigint << 20) END")
        else:
            values.append(name)
    table = model._meta.db_table  # noqa: SLF001
    key = "id" if model is MeasuredCase else "case_id"
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)}"  # noqa: S608  names of columns
        f" FROM {table} WHERE {key} <= %(last)s"
    )


def _fill(first: int, last: int, shift: int) -> None:
    known = LedgerEntry.objects.aggregate(place=Max("leaf_index"), key=Max("pk"))
    index, key = (-1 if known["place"] is None else known["place"]) + 1, (known["key"] or 0) + 1
    entries, payloads = [], []
    seqs: dict[str, int] = {}
    for number in range(first, last):
        for stream, minute, kind, who, subject, payload in _entries(number):
            kind_of_actor, _, name = who.partition(":")
            at = START + timedelta(seconds=(number + shift) * APART, minutes=minute)
            seq = seqs[stream] = seqs.get(stream, 0) + 1
            entries.append(
                (key, stream, seq, kind, at, kind_of_actor, name, "", subject, b"",
                 f"{key:064x}", index)
            )  # fmt: skip
            payloads.append((key, b"0" * 32, _json(payload)))
            key, index = key + 1, index + 1
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        _copy(
            cursor,
            "governance_ledgerentry (id, stream, seq, kind, at, actor_kind, actor_id,"
            " subject_kind, subject_id, leaf_bytes, leaf_hash, leaf_index)",
            entries,
        )
        _copy(cursor, "governance_entrypayload (entry_id, salt, body)", payloads)
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('governance_ledgerentry', 'id'), %s)", [key]
        )


def _json(payload: dict[str, Any]) -> bytes:
    return json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()


def _copy(cursor: Any, into: str, rows: list[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _entries(number: int) -> Iterator[Row]:
    """Yield what happens to a case; everything follows from its number.

    One in eight is handed over, one in nine comes back, one in thirty fails in a step, one in
    fifty stays open, one in forty is given up, one in a hundred is merged into the one before.
    """
    case, bot = str(UUID(int=number + 1)), f"agent:bot-{number % 5}"
    stream, end = f"case:{case}", 30 + number * 7919 % 2_000
    channel = ("chat", "voice", "email", "web")[number % 4]
    sheet = ("returns", "billing", "address")[number % 3]

    def row(minute: int, kind: str, who: str, subject: str = "", **payload: Any) -> Row:
        return stream, minute, kind, who, subject, payload

    yield row(
        0, "case.opened", bot, channel=channel, queue=("care", "billing")[number % 2],
        interaction=f"k{number}",
    )  # fmt: skip
    yield row(0, "customer.bound", "system:journey", f"customer-{number}")
    yield row(0, "case.classified", "system:journey", intent=sheet)
    yield row(
        0, "journey.started", "system:journey", f"j{number}",
        cue_sheet=sheet, version=1 + number % 2, pattern="ai_first",
    )  # fmt: skip
    yield row(1, "message.added", bot, interaction=f"k{number}", speaker="ai")
    step = f"s{number}"
    yield row(1, "step.ready", "system:journey", step, step="refund", owner="ai")
    if number % 20 == 0:
        yield row(1, "approval.requested", bot, f"a{number}", risk="high")
    yield row(
        2, "step.failed" if number % 30 == 0 else "step.done", "system:journey", step,
        step="refund", owner="ai", cue_sheet=sheet, version=1,
    )  # fmt: skip
    if number % 8 == 0:
        yield row(
            3, "handoff.offered", bot, f"h{number}",
            queue_key="desk", transfer="escalation", reason_code="other", bundle_digest="d",
        )  # fmt: skip
        yield row(4, "handoff.accepted", "human:ben", f"h{number}", both_present=False)
    if not (number + 1) % 100:
        other = str(UUID(int=number))
        yield row(5, "case.merged", "human:ben", other)
        yield (f"case:{other}", 5, "case.took_in", "human:ben", case, {})
    elif number % 50:
        yield from _ended(number, row, end, channel)


def _ended(number: int, row: Callable[..., Row], end: int, channel: str) -> Iterator[Row]:
    bot = f"agent:bot-{number % 5}"
    disposition = "withdrawn" if number % 40 == 0 else "done"
    yield row(
        end, "case.resolved", "human:ben", confirmed=True, outcome="Done",
        disposition=disposition, after_contact_seconds=number % 400,
    )  # fmt: skip
    if number % 9 == 0:
        back = end + 60 * (number % 300)
        yield row(back, "case.reopened", bot)
        yield row(back, "interaction.started", bot, f"r{number}", channel=channel, rejoined=True)
        yield row(back + 30, "case.resolved", "human:ben", confirmed=True, outcome="Done")
        end = back + 30
    yield row(end + 1, "case.closed", "human:ben")
