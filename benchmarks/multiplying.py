"""Multiplies the cases that stand in a PostgreSQL database, with everything that hangs on them.

Every row that belongs to a case by its keys is copied as often as is asked for, in SQL: keys
are counted on, public ids are the digest of the old one and the number of the copy, so that
rows that name each other by them still do, and times lie further back copy by copy. Rows of
the ledger and of histories are not copied. Keys are not checked one by one, as when a copy of
a database is loaded, and all indexes but those of keys are built at the end.

A lean copy is of what lists and figures read: what only the page of one case reads is left
out, and long texts are emptied. What was there before stays whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from benchmarks.common import note
from cases.memory.models import Case, Customer, Message, Verification
from cases.tools.models import ToolAttempt
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.policies.models import DecisionRecord, LimitUse
from orchestra.core.fields import PublicIdField
from qa.measurement.models import MeasuredCase

Model = type[models.Model]
#: What belongs to a case without a key to it, by what it is about.
ALONGSIDE: tuple[Model, ...] = (Customer, DecisionRecord, ApprovalRequest, ApprovalVote)
#: Columns of text that name a public id of another copied row, some with a word before it.
NAMING = (
    "approval_id_text",
    "case_public_id",
    "source_id",
    "step_id",
    "stream",
    "subject_id",
    "tool_call_id_text",
)
#: What a lean copy goes without: nothing that is copied needs it.
OF_ONE_CASE: tuple[Model, ...] = (Message, Verification, ToolAttempt, LimitUse)
#: Bytes from which a lean copy empties a text or document that may be empty.
LONG = 200
#: Copied in one transaction.
AT_ONCE = 20_000
#: How much further back a copy lies for every case of it: a million are about eleven months.
APART = "29 seconds"


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of one table are copied.

    Attributes:
        count: Rows there are before.
        base: The largest key before.
    """

    model: Model
    count: int
    base: int

    @property
    def table(self) -> str:
        """The table's name."""
        return str(self.model._meta.db_table)  # noqa: SLF001  Django's documented entry

    @property
    def key(self) -> str:
        """The column of its key."""
        return str(self.model._meta.pk.column)  # noqa: SLF001  Django's documented entry


def tables_of_cases() -> list[Model]:
    """Return every table whose rows belong to a case, those that others point at first."""
    found: list[Model] = [Case, *ALONGSIDE]
    every = [
        model
        for app in ("cases", "qa")
        for model in apps.get_app_config(app).get_models()
        if not hasattr(model, "instance_type")
    ]
    grew = True
    while grew:
        more = [
            model
            for model in every
            if model not in found
            and any(target in found for field, target in _links(model) if not field.null)
        ]
        found += more
        grew = bool(more)
    return found


def multiply(wanted: int, *, is_lean: bool = False) -> None:
    """Bring the cases to at least a number; what is there already is the pattern, and stays.

    Args:
        wanted: How many cases.
        is_lean: Whether the copies go without what only the page of one case reads.

    Raises:
        SystemExit: There is no case to copy.
    """
    there = Case.objects.count()
    if not there:
        raise SystemExit("There is no case to copy.")
    copies = -(-(wanted - there) // there)
    if copies <= 0:
        return
    left_out = OF_ONE_CASE if is_lean else ()
    plans = {model: _plan(model) for model in tables_of_cases() if model not in left_out}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for plan in plans.values():
            _rank(cursor, plan)
        indexes = _take_indexes(cursor, [plan.table for plan in plans.values()])
        step = max(1, AT_ONCE // there)
        for first in range(1, copies + 1, step):
            last = min(copies, first + step - 1)
            note(f"copies {first:,} to {last:,} of {copies:,}, of {there:,} cases each")
            with transaction.atomic():
                for plan in plans.values():
                    if plan.count:
                        statement = _statement(plan, plans, is_lean=is_lean)
                        numbers = {"first": first, "last": last, "there": there}
                        cursor.execute(statement, numbers)
        _finish(cursor, plans.values(), indexes)
        cursor.execute("SET session_replication_role = DEFAULT")


def _finish(cursor: Any, plans: Iterable[Plan], indexes: Sequence[str]) -> None:
    """Build the indexes, let new rows come after these, and have the tables analysed."""
    for number, index in enumerate(indexes, start=1):
        note(f"index {number} of {len(indexes)}")
        cursor.execute(index)
    for plan in plans:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{plan.table}', '{plan.key}'), "  # noqa: S608  names of our own tables
            f"(SELECT max({plan.key}) FROM {plan.table})) WHERE EXISTS "
            f"(SELECT 1 FROM {plan.table})"
        )
        cursor.execute(f"VACUUM ANALYZE {plan.table}")


def _links(model: Model) -> Iterator[tuple[Any, Model]]:
    for field in model._meta.concrete_fields:  # noqa: SLF001  Django's documented entry
        if field.is_relation and field.related_model is not model:
            yield field, field.related_model


def _plan(model: Model) -> Plan:
    rows = model._default_manager  # noqa: SLF001  Django's documented entry
    base = rows.aggregate(last=models.Max("pk"))["last"] or 0
    return Plan(model=model, count=rows.count(), base=base)


def _rank(cursor: Any, plan: Plan) -> None:
    """Keep the place of every row that is copied."""
    cursor.execute(
        f"CREATE TEMPORARY TABLE rank_{plan.table} AS SELECT {plan.key} AS old, "  # noqa: S608  names of our own tables
        f"row_number() OVER (ORDER BY {plan.key}) AS place FROM {plan.table}"
    )
    cursor.execute(f"CREATE UNIQUE INDEX ON rank_{plan.table} (old)")


def _take_indexes(cursor: Any, tables: Sequence[str]) -> list[str]:
    """Drop every index but those of keys, and return the statements that build them again."""
    cursor.execute(
        "SELECT t.relname, i.conname, c.relname, pg_get_constraintdef(i.oid), "
        "pg_get_indexdef(c.oid) FROM pg_index AS x "
        "JOIN pg_class AS c ON c.oid = x.indexrelid JOIN pg_class AS t ON t.oid = x.indrelid "
        "LEFT JOIN pg_constraint AS i ON i.conindid = c.oid AND i.contype = 'u' "
        "WHERE NOT x.indisprimary AND t.relname = ANY(%s) "
        "AND t.relnamespace = 'public'::regnamespace",
        [list(tables)],
    )
    found = []
    for table, constraint, index, allowed, built in cursor.fetchall():
        if constraint:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
            found.append(f'ALTER TABLE {table} ADD CONSTRAINT "{constraint}" {allowed}')
        else:
            cursor.execute(f'DROP INDEX "{index}"')
            found.append(built)
    return found


def _statement(plan: Plan, plans: dict[Model, Plan], *, is_lean: bool) -> str:
    fields = [f for f in plan.model._meta.concrete_fields if not f.generated]  # noqa: SLF001  Django's documented entry
    unique = set(_unique(plan.model))
    columns, values, joins = [], [], []
    for field in fields:
        columns.append(f'"{field.column}"')
        target = plans.get(field.related_model) if field.is_relation else None
        if field.primary_key and not field.is_relation:
            values.append(_moved(plan, "mine.place"))
        elif target is not None:
            alias = f"at_{len(joins)}"
            joins.append(
                f'LEFT JOIN rank_{target.table} AS {alias} ON {alias}.old = one."{field.column}"'
            )
            values.append(_moved(target, f"{alias}.place"))
        else:
            value = _value(field, is_unique=field.name in unique)
            values.append(_emptied(field, value) if is_lean else value)
    return (
        f"INSERT INTO {plan.table} ({', '.join(columns)}) SELECT {', '.join(values)} "  # noqa: S608  names of our own tables
        f"FROM {plan.table} AS one JOIN rank_{plan.table} AS mine ON mine.old = one.{plan.key} "
        f"{' '.join(joins)} CROSS JOIN generate_series(%(first)s, %(last)s) AS n"
    )


def _moved(plan: Plan, place: str) -> str:
    return f"{plan.base} + (n - 1) * {plan.count} + {place}"


def _value(field: Any, *, is_unique: bool) -> str:
    column = f'one."{field.column}"'
    if isinstance(field, PublicIdField):
        return _new_id(f"{column}::text")
    if isinstance(field, models.DateTimeField):
        return f"{column} - n * %(there)s * interval '{APART}'"
    if field.name in NAMING:
        word, named = (
            f"regexp_replace({column}, '[^:]*$', '')",
            f"regexp_replace({column}, '^.*:', '')",
        )
        is_id = f"{column} ~ '[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$'"
        return f"CASE WHEN {is_id} THEN {word} || {_new_id(named)}::text ELSE {column} END"
    if is_unique and isinstance(field, models.CharField):
        new = f"md5({column} || '/' || %(there)s || '/' || n)"
        return f"left({new} || {column}, {field.max_length})"
    return column


def _emptied(field: Any, value: str) -> str:
    """Return a value without what is long in it, where the column may hold nothing."""
    column = f'one."{field.column}"'
    if isinstance(field, models.JSONField):
        nothing = f"CASE jsonb_typeof({column}) WHEN 'array' THEN '[]' ELSE '{{}}' END::jsonb"
    elif isinstance(field, models.BinaryField):
        nothing = "''::bytea"
    else:
        return value
    # What a figure adds up stays: it is read from this table and no other.
    if field.model is MeasuredCase:
        return value
    return f"CASE WHEN pg_column_size({column}) > {LONG} THEN {nothing} ELSE {value} END"


def _new_id(text: str) -> str:
    # The number of cases before tells the copies of this run from those of one before it.
    return f"md5({text} || '/' || %(there)s || '/' || n)::uuid"


def _unique(model: Model) -> Iterable[str]:
    """Yield the fields whose values may stand once, alone or with others that are not copied."""
    for field in model._meta.concrete_fields:  # noqa: SLF001  Django's documented entry
        if field.unique:
            yield field.name
    copied = {field.name for field, target in _links(model) if target in (Case, *ALONGSIDE)}
    for constraint in model._meta.constraints:  # noqa: SLF001  Django's documented entry
        names: Sequence[str] = getattr(constraint, "fields", ())
        if names and not copied.intersection(names):
            yield from names
