"""Multiplies the cases that stand in a PostgreSQL database, with everything that hangs on them.

Every row that belongs to a case by its keys is copied as often as is asked for, in SQL: keys
are counted on, public ids are the digest of the old one and the number of the copy, so that
rows that name each other by them still do, and times lie further back copy by copy. Rows of
the ledger and of histories are not copied. Keys are not checked one by one, as when a copy of
a database is loaded.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from benchmarks.common import note
from cases.memory.models import Case, Customer
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.policies.models import DecisionRecord
from orchestra.core.fields import PublicIdField

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
#: Copied in one transaction.
AT_ONCE = 20_000
#: How much further back each copy lies.
APART = "41 seconds"


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


def multiply(wanted: int) -> None:
    """Bring the cases to at least a number; what is there already is the pattern, and stays.

    Raises:
        SystemExit: There is no case to copy.
    """
    there = Case.objects.count()
    if not there:
        raise SystemExit("There is no case to copy.")
    copies = -(-(wanted - there) // there)
    if copies <= 0:
        return
    plans = {model: _plan(model) for model in tables_of_cases()}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for plan in plans.values():
            _rank(cursor, plan)
        step = max(1, AT_ONCE // there)
        for first in range(1, copies + 1, step):
            last = min(copies, first + step - 1)
            note(f"copies {first:,} to {last:,} of {copies:,}, of {there:,} cases each")
            with transaction.atomic():
                for plan in plans.values():
                    if plan.count:
                        cursor.execute(_statement(plan, plans), {"first": first, "last": last})
        for plan in plans.values():
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{plan.table}', '{plan.key}'), "  # noqa: S608  names of our own tables
                f"(SELECT max({plan.key}) FROM {plan.table})) WHERE EXISTS "
                f"(SELECT 1 FROM {plan.table})"
            )
            cursor.execute(f"VACUUM ANALYZE {plan.table}")
        cursor.execute("SET session_replication_role = DEFAULT")


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


def _statement(plan: Plan, plans: dict[Model, Plan]) -> str:
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
            values.append(_value(field, is_unique=field.name in unique))
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
        return f"{column} - n * interval '{APART}'"
    if field.name in NAMING:
        word, named = (
            f"regexp_replace({column}, '[^:]*$', '')",
            f"regexp_replace({column}, '^.*:', '')",
        )
        is_id = f"{column} ~ '[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$'"
        return f"CASE WHEN {is_id} THEN {word} || {_new_id(named)}::text ELSE {column} END"
    if is_unique and isinstance(field, models.CharField):
        return f"left(md5({column} || '/' || n) || {column}, {field.max_length})"
    return column


def _new_id(text: str) -> str:
    return f"md5({text} || '/' || n)::uuid"


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
