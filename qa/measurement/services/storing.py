"""Facts of cases written in place of those before."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import connections, models

from qa.measurement.columns.codes import digest
from qa.measurement.columns.flattening import MANY, Flat, Row, flatten
from qa.measurement.columns.types import Cases, columns_of
from qa.measurement.facts.types import CaseFacts
from qa.measurement.loading import MODELS
from qa.measurement.models import MeasuredCase, MeasuredMix, MeasuredWord

_BATCH: Final = 2000
_CASE: Final = tuple(columns_of(Cases))[2:]
#: The moments of each table by which something of it is counted.
_MOMENTS: Final[Mapping[str, str]] = {
    "episodes": "resolved_at",
    "contacts": "at",
    "works": "wrapped_at",
    "steps": "started_at",
}
#: In the order of ``_case``; what tells one case from another stands first.
_COLUMNS: Final = ("case", "customer", "resolved_at", "last_at", "upto_index", *_CASE)


def forget_all() -> None:
    """Delete every fact there is."""
    every: list[type[models.Model]] = [*_models().values(), MeasuredCase, MeasuredMix, MeasuredWord]
    for model in every:
        model._default_manager.all().delete()  # noqa: SLF001  Django's documented entry


def store(found: Mapping[str, tuple[CaseFacts, int]]) -> None:
    """Write the facts of some cases, each with the place of the last entry they come from."""
    flat = {case: flatten(facts) for case, (facts, _index) in found.items()}
    keys = _store_cases(found, flat)
    for name, model in _models().items():
        manager = model._default_manager  # noqa: SLF001  Django's documented entry
        manager.filter(case__in=keys.values()).delete()
        _put(
            model,
            ["case_id", *list(columns_of(MANY[name]))[1:]],
            [
                (keys[UUID(case)], *row[1:])
                for case, one in flat.items()
                for row in getattr(one, name)
            ],
        )
    _store_words(flat.values())


def _put(model: type[models.Model], names: Sequence[str], rows: Sequence[Row]) -> None:
    """Write rows of numbers; on PostgreSQL by COPY, which takes a third of the time."""
    manager = model._default_manager  # noqa: SLF001  Django's documented entry
    connection = connections[manager.db]
    if connection.vendor != "postgresql":
        manager.bulk_create(
            [model(**dict(zip(names, row, strict=True))) for row in rows], batch_size=_BATCH
        )
        return
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(map(quote, names))})"  # noqa: SLF001
    with connection.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for start in range(0, len(rows), _BATCH):
            copy.write("".join(map(_line, rows[start : start + _BATCH])))


def _line(row: Row) -> str:
    """Return a row as COPY reads it; numbers, moments and flags hold nothing to escape."""
    return "\t".join(["\\N" if value is None else _plain(value) for value in row]) + "\n"


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def days_stored(cases: Collection[str]) -> tuple[set[date], set[int]]:
    """Return the days of UTC on which something of stored cases counts, and their customers."""
    chosen = MeasuredCase.objects.filter(case__in=[UUID(case) for case in cases])
    rows = list(chosen.values_list("pk", "customer", "opened_at", "closed_at"))
    days = {at.date() for _pk, _customer, *moments in rows for at in moments if at is not None}
    pks = [pk for pk, *_rest in rows]
    for name, column in _MOMENTS.items():
        told = _models()[name]._default_manager.filter(case__in=pks)  # noqa: SLF001
        days |= {at.date() for at in told.values_list(column, flat=True) if at is not None}
    return days, {customer for _pk, customer, *_moments in rows}


def days_told(told: Iterable[CaseFacts]) -> tuple[set[date], set[int]]:
    """Return the same of cases before they are stored."""
    days: set[date] = set()
    customers: set[int] = set()
    for facts in told:
        days |= {at.date() for at in _moments(facts)}
        customers.add(_customer(facts))
    return days, customers


def _store_cases(
    found: Mapping[str, tuple[CaseFacts, int]], flat: Mapping[str, Flat]
) -> dict[UUID, int]:
    rows = [_case(facts, index, flat[case]) for case, (facts, index) in found.items()]
    if connections[MeasuredCase.objects.db].vendor == "postgresql":
        return _merge(rows)
    stored = MeasuredCase.objects.bulk_create(
        [MeasuredCase(**dict(zip(_COLUMNS, row, strict=True))) for row in rows],
        update_conflicts=True,
        unique_fields=["case"],
        update_fields=_COLUMNS[1:],
    )
    return {row.case: row.pk for row in stored}


def _merge(rows: Sequence[Row]) -> dict[UUID, int]:
    """Write rows of cases in one statement, an array a column; return their keys.

    A case that stands already is updated in place and not written anew, as the database would
    look for its facts in six tables before it lets a row go.
    """
    known = {one.name: one for one in MeasuredCase._meta.concrete_fields}  # noqa: SLF001
    fields = [known[name] for name in _COLUMNS]
    connection = connections[MeasuredCase.objects.db]
    quote = connection.ops.quote_name
    names = [quote(str(one.column)) for one in fields]
    arrays = ", ".join(f"%s::{one.db_type(connection)}[]" for one in fields)
    updated = ", ".join(f"{name} = EXCLUDED.{name}" for name in names[1:])
    statement = (
        f"INSERT INTO {quote(MeasuredCase._meta.db_table)} ({', '.join(names)})"  # noqa: S608, SLF001
        f" SELECT * FROM unnest({arrays})"
        f" ON CONFLICT ({names[0]}) DO UPDATE SET {updated} RETURNING {names[0]}, id"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [_array(column) for column in zip(*rows, strict=True)])
        return dict(cursor.fetchall())


def _array(column: Sequence[object]) -> str:
    """Return a column as PostgreSQL writes an array; nothing in it needs quotes."""
    return f"{{{','.join(['NULL' if one is None else _plain(one) for one in column])}}}"


def _case(facts: CaseFacts, index: int, flat: Flat) -> Row:
    resolved = [one.resolved_at for one in facts.episodes if one.resolved_at is not None]
    return (
        UUID(facts.case),
        _customer(facts),
        max(resolved, default=None),
        max(_moments(facts)),
        index,
        *flat.case[1:],
    )


def _customer(facts: CaseFacts) -> int:
    return digest(facts.issue.customer) if facts.issue else 0


def _store_words(flat: Collection[Flat]) -> None:
    mixes = {key: of for one in flat for key, of in one.mixes.items()}
    MeasuredMix.objects.bulk_create(
        [
            MeasuredMix(
                key=key,
                journey=of.journey,
                channel=of.channel,
                pattern=of.pattern,
                cue_sheet_version=of.cue_sheet_version,
                queue=of.queue,
                ai_version=of.ai_version,
                risk=of.risk,
            )
            for key, of in sorted(mixes.items())
        ],
        ignore_conflicts=True,
    )
    words = {key: word for one in flat for key, word in one.words.items()}
    MeasuredWord.objects.bulk_create(
        [MeasuredWord(key=key, word=word) for key, word in sorted(words.items())],
        ignore_conflicts=True,
    )


def _models() -> dict[str, type[models.Model]]:
    return {name: MODELS[table] for name, table in MANY.items()}


def _moments(facts: CaseFacts) -> Iterator[datetime]:
    """Yield every moment at which something of a case is counted."""
    yield facts.opened_at
    yield from (one.resolved_at for one in facts.episodes if one.resolved_at is not None)
    yield from (one.at for one in facts.contacts)
    yield from (one.started_at for one in facts.steps)
    yield from (one.wrapped_at for one in facts.work if one.wrapped_at is not None)
    if facts.closed_at is not None:
        yield facts.closed_at
