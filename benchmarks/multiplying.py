"""Multiplies the cases that stand in a PostgreSQL database, with everything that hangs on them.

Every row that belongs to a case by its keys is copied as often as is asked for, in SQL: keys
are counted on, public ids are the digest of the old one and the number of the copy, so that
rows that name each other by them still do, and times lie further back copy by copy. Rows of
the ledger and of histories are not copied. What is the same in every copy is worked out once,
in a table beside; how the rows get in quickly stands in ``loading.py``.

A lean copy is of what lists and figures read: what only the page of one case reads is left
out, and long texts are emptied. What was there before stays whole.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import connection, models

from benchmarks.common import note
from benchmarks.loading import Work, build, leave_log, side_by_side, take_indexes
from cases.journeys.services import rebuild_journey_sums
from cases.memory.models import Case, Customer, Message, Verification
from cases.tools.models import ToolAttempt
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.policies.models import DecisionRecord, LimitUse
from orchestra.core import clock
from orchestra.core.fields import PublicIdField
from qa.figures.services import rebuild_sums
from qa.measurement.models import MeasuredCase
from qa.reviewing.models import Review
from qa.sampling.models import DrawnUnit

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
    "subject",
    "subject_id",
    "tool_call_id_text",
)
#: What a lean copy goes without: nothing that is copied needs it.
OF_ONE_CASE: tuple[Model, ...] = (Message, Verification, ToolAttempt, LimitUse)
#: What a plan draws is as many however much there is, and so are the reviews of it.
AS_MANY: Final[tuple[Model, ...]] = (DrawnUnit, Review)
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
    kept = set(AS_MANY)
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
            and model not in kept
            and not any(target in kept for _field, target in _links(model))
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
    plans = {model: plan for model, plan in plans.items() if plan.count}
    leave_log()
    indexes = take_indexes([plan.table for plan in plans.values()])
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS multiplying CASCADE")
        cursor.execute("CREATE SCHEMA multiplying")
        for plan in plans.values():
            _rank(cursor, plan)
        copying = [_pattern(cursor, plan, plans, is_lean=is_lean) for plan in plans.values()]
    step = max(1, AT_ONCE // there)
    spans = [(n, min(copies, n + step - 1)) for n in range(1, copies + 1, step)]
    note(f"{copies:,} copies of {there:,} cases each, {len(spans)} pieces")
    side_by_side(
        (_copy(copying, first, last, there) for first, last in spans),
        in_one=True,
    )
    by_size = sorted(plans.values(), key=lambda plan: -plan.count)
    build(indexes, [plan.table for plan in by_size])
    _finish(by_size)
    note("making the sums by the day")
    rebuild_sums(now=clock.now())
    rebuild_journey_sums(now=clock.now())


def _copy(copying: Sequence[str], first: int, last: int, there: int) -> Work:
    """Return what writes some of the copies of every table."""

    def work(cursor: Any) -> None:
        for statement in copying:
            cursor.execute(statement, {"first": first, "last": last, "there": there})

    return work


def _finish(plans: Iterable[Plan]) -> None:
    """Let new rows come after these."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA multiplying CASCADE")
        for plan in plans:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{plan.table}', '{plan.key}'), "  # noqa: S608  names of our own tables
                f"(SELECT max({plan.key}) FROM {plan.table}))"
            )


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
        f"CREATE UNLOGGED TABLE multiplying.rank_{plan.table} AS SELECT {plan.key} AS old, "  # noqa: S608  names of our own tables
        f"row_number() OVER (ORDER BY {plan.key}) AS place FROM {plan.table}"
    )
    cursor.execute(f"CREATE UNIQUE INDEX ON multiplying.rank_{plan.table} (old)")


def _pattern(cursor: Any, plan: Plan, plans: dict[Model, Plan], *, is_lean: bool) -> str:
    """Work out what is the same in every copy of a table, and return what makes copies of it."""
    fields = [f for f in plan.model._meta.concrete_fields if not f.generated]  # noqa: SLF001  Django's documented entry
    unique = set(_unique(plan.model, plans))
    columns, kept, values, joins = [], [], [], []
    for field in fields:
        columns.append(f'"{field.column}"')
        target = plans.get(field.related_model) if field.is_relation else None
        if field.primary_key and not field.is_relation:
            kept.append(f'mine.place AS "{field.column}"')
            values.append(_moved(plan, f'one."{field.column}"'))
        elif target is not None:
            alias = f"at_{len(joins)}"
            joins.append(
                f"LEFT JOIN multiplying.rank_{target.table} AS {alias} "
                f'ON {alias}.old = one."{field.column}"'
            )
            kept.append(f'{alias}.place AS "{field.column}"')
            values.append(_moved(target, f'one."{field.column}"'))
        else:
            kept += _kept(field, is_lean=is_lean)
            values.append(_value(field, is_unique=field.name in unique))
    pattern = f"multiplying.pattern_{plan.table}"
    cursor.execute(
        f"CREATE UNLOGGED TABLE {pattern} AS SELECT {', '.join(kept)} FROM {plan.table} AS one "  # noqa: S608  names of our own tables
        f"JOIN multiplying.rank_{plan.table} AS mine ON mine.old = one.{plan.key} "
        f"{' '.join(joins)}"
    )
    return (
        f"INSERT INTO {plan.table} ({', '.join(columns)}) SELECT {', '.join(values)} "  # noqa: S608  names of our own tables
        f"FROM generate_series(%(first)s, %(last)s) AS n CROSS JOIN {pattern} AS one"
    )


def _moved(plan: Plan, place: str) -> str:
    return f"{plan.base} + (n - 1) * {plan.count} + {place}"


def _kept(field: Any, *, is_lean: bool) -> Iterator[str]:
    """Yield what a column's copies are made of."""
    column = f'one."{field.column}"'
    if field.name in NAMING:
        is_id = f"{column} ~ '[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$'"
        yield (
            f"CASE WHEN {is_id} THEN regexp_replace({column}, '[^:]*$', '') END AS "
            f'"before_{field.column}"'
        )
        yield f"regexp_replace({column}, '^.*:', '') AS \"after_{field.column}\""
    kept = _emptied(field, column) if is_lean else column
    yield f'{kept} AS "{field.column}"'


def _value(field: Any, *, is_unique: bool) -> str:
    column = f'one."{field.column}"'
    if isinstance(field, PublicIdField):
        return _new_id(f"{column}::text")
    if isinstance(field, models.DateTimeField):
        return f"{column} - n * %(there)s * interval '{APART}'"
    if field.name in NAMING:
        word, named = f'one."before_{field.column}"', f'one."after_{field.column}"'
        return f"coalesce({word} || {_new_id(named)}::text, {column})"
    # What names one of a few kinds, or a check, stays what it is: only words that are free differ.
    if is_unique and isinstance(field, models.CharField) and not field.choices:
        new = f"md5({column} || '/' || %(there)s || '/' || n)"
        return f"left({new} || {column}, {field.max_length})"
    return column


def _emptied(field: Any, column: str) -> str:
    """Return a value without what is long in it, where the column may hold nothing."""
    if isinstance(field, models.JSONField):
        nothing = f"CASE jsonb_typeof({column}) WHEN 'array' THEN '[]' ELSE '{{}}' END::jsonb"
    elif isinstance(field, models.BinaryField):
        nothing = "''::bytea"
    else:
        return column
    # What a figure adds up stays: it is read from this table and no other. And what a request
    # shows its approver does, without which its page is none.
    if field.model is MeasuredCase or field is ApprovalRequest._meta.get_field("view"):  # noqa: SLF001  Django's documented entry
        return column
    return f"CASE WHEN pg_column_size({column}) > {LONG} THEN {nothing} ELSE {column} END"


def _new_id(text: str) -> str:
    # The number of cases before tells the copies of this run from those of one before it.
    return f"md5({text} || '/' || %(there)s || '/' || n)::uuid"


def _unique(model: Model, copied_too: Container[Model]) -> Iterable[str]:
    """Yield the fields whose values may stand once, alone or with others that are not copied."""
    for field in model._meta.concrete_fields:  # noqa: SLF001  Django's documented entry
        if field.unique:
            yield field.name
    copied = {field.name for field, target in _links(model) if target in copied_too}
    for constraint in model._meta.constraints:  # noqa: SLF001  Django's documented entry
        names: Sequence[str] = getattr(constraint, "fields", ())
        if names and not copied.intersection(names):
            yield from names
