"""A release is put in while the one before still runs: migrations that would break it are named.

While processes of two releases run, a column that the older one reads may not go or change its
name, one that the older one does not write may not be demanded, and no large table may be locked
for as long as an index takes to be built. What has to be done all the same is done in two
releases, or allowed here with the reason why nothing can break.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.state import ModelState, ProjectState

OURS = ("governance", "cases", "qa", "orchestra")
#: Tables that grow with every case: an index is built on them beside the writers or not at all.
LARGE = frozenset(
    {
        *("governance.ledgerentry", "governance.entrypayload", "governance.decisionrecord"),
        *("governance.approvalrequest", "governance.approvalvote", "governance.notice"),
        *("cases.case", "cases.customer", "cases.interaction", "cases.message"),
        *("cases.toolcall", "cases.toolattempt", "cases.journey", "cases.steprun"),
        *("cases.handoff", "cases.classificationrecord"),
    }
)
#: What is allowed though it could break a release that still runs, and why it does not.
ALLOWED: dict[str, str] = {
    "cases.0027_handoff_acts": "belongs to the first release: no other one runs beside it",
    "cases.0034_priority_table": "belongs to the first release: no other one runs beside it",
    "cases.0036_journey_time": "belongs to the first release: no other one runs beside it",
    "qa.0034_facts": "belongs to the first release: no other one runs beside it",
}


def judge(operation: Operation, app: str, state: ProjectState, made: set[str]) -> Iterator[str]:
    """Yield what is wrong with one operation.

    Args:
        operation: The operation.
        app: Label of its app.
        state: The models as they are before it.
        made: Models that the same migration made; nothing older uses their tables.
    """
    name = str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()
    model = f"{app}.{name}"
    if isinstance(operation, migrations.RenameModel | migrations.DeleteModel):
        yield f"{type(operation).__name__} takes a table from whoever still reads it"
    elif model not in made and isinstance(operation, FieldOperation):
        yield from judge_field(operation, state.models[app, name])
    elif model not in made and model in LARGE:
        yield from judge_large(operation)


def judge_field(operation: FieldOperation, model: ModelState) -> Iterator[str]:
    """Yield what is wrong with a change of one column."""
    if isinstance(operation, migrations.RemoveField | migrations.RenameField):
        yield f"{type(operation).__name__} takes a column from whoever still reads it"
    elif isinstance(operation, migrations.AddField) and is_demanded(operation.field):
        yield "AddField demands a column that nobody fills: give a default, or allow null first"
    elif isinstance(operation, migrations.AlterField):
        was, now = model.fields[operation.name], operation.field
        if was.null and not now.null:
            yield "AlterField refuses the empty values that the release before still writes"
        if not now.is_relation and was.db_type(connection) != now.db_type(connection):
            yield "AlterField changes a type that connections have planned for: add a column"


def judge_large(operation: Operation) -> Iterator[str]:
    """Yield what is wrong with an index or a constraint on a table that is large."""
    if isinstance(operation, migrations.AddIndex):
        if type(operation).__name__ != "AddIndexConcurrently":
            yield "AddIndex locks a large table against writers while it is built"
    elif isinstance(operation, migrations.RemoveIndex):
        if type(operation).__name__ != "RemoveIndexConcurrently":
            yield "RemoveIndex keeps everybody from a large table until it has it alone"
    elif isinstance(operation, migrations.AddConstraint):
        yield "AddConstraint reads a large table through while nobody may write to it"


def is_demanded(field: Any) -> bool:
    """Return whether rows that stand already, or an insert that leaves it out, are refused."""
    is_filled = field.null or field.has_default() or field.db_default is not models.NOT_PROVIDED
    # A text that may be blank is added as the empty one.
    is_empty = field.blank and field.empty_strings_allowed
    return not (is_filled or is_empty or field.many_to_many)


def plan(loader: MigrationLoader) -> list[tuple[migrations.Migration, bool]]:
    """Return every migration in the order that an empty database gets them."""
    executor = MigrationExecutor(connection)
    executor.loader = loader
    return executor.migration_plan(loader.graph.leaf_nodes(), clean_start=True)


def walk(loader: MigrationLoader) -> Iterator[tuple[str, str]]:
    """Yield each migration after the squash, as ``app.name``, with what is wrong with it."""
    state = ProjectState()
    for migration, _backwards in plan(loader):
        app, name = migration.app_label, migration.name
        made: set[str] = set()
        for operation in migration.operations:
            if app in OURS and "_squashed_" not in name and not migration.initial:
                found = judge(operation, app, state, made)
                yield from ((f"{app}.{name}", what) for what in found)
            if isinstance(operation, migrations.CreateModel):
                made.add(f"{app}.{operation.name_lower}")
            operation.state_forwards(app, state)


@pytest.mark.django_db
def test_no_migration_breaks_the_release_that_still_runs() -> None:
    found: dict[str, list[str]] = {}
    for name, what in walk(MigrationLoader(connection)):
        found.setdefault(name, []).append(what)
    assert {name: what for name, what in found.items() if name not in ALLOWED} == {}
    # An allowance that nothing needs any more would cover what comes later.
    assert set(ALLOWED) == set(found)


def test_every_allowance_says_why_nothing_breaks() -> None:
    for name, reason in ALLOWED.items():
        assert len(reason) > 30, name


def test_the_large_tables_are_there() -> None:
    present = {model._meta.label_lower for model in apps.get_models()}
    assert present >= LARGE


TEXT = models.CharField(max_length=9)
NOTE = models.CharField(max_length=9, null=True, help_text="what was noted")
WIDER = models.CharField(max_length=99, null=True)
INDEX = models.Index(fields=["state"], name="by_state")


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        (migrations.RemoveField("toolcall", "state"), "takes a column"),
        (migrations.RenameField("toolcall", "state", "standing"), "takes a column"),
        (migrations.DeleteModel("toolcall"), "takes a table"),
        (migrations.RenameModel("toolcall", "call"), "takes a table"),
        (migrations.AddField("toolcall", "mood", TEXT), "demands a column"),
        (migrations.AlterField("toolcall", "note", TEXT), "refuses the empty values"),
        (migrations.AlterField("toolcall", "note", WIDER), "changes a type"),
        (migrations.AddIndex("toolcall", INDEX), "locks a large table"),
        (migrations.RemoveIndex("toolcall", "call_index"), "keeps everybody from"),
    ],
)
def test_what_would_break_it_is_found(operation: Operation, what: str) -> None:
    assert [found for found in judge(operation, "cases", scene(), set()) if what in found]


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AddField("toolcall", "mood", models.CharField(max_length=9, default="")),
        migrations.AddField("toolcall", "mood", models.CharField(max_length=9, null=True)),
        migrations.AlterField("toolcall", "note", NOTE),
        migrations.AddIndex("queue", INDEX),
    ],
)
def test_what_breaks_nothing_is_let_through(operation: Operation) -> None:
    assert list(judge(operation, "cases", scene(), set())) == []


def test_a_table_that_the_release_itself_made_is_its_own() -> None:
    removal = migrations.RemoveField("toolcall", "state")
    assert list(judge(removal, "cases", scene(), {"cases.toolcall"})) == []


def scene() -> ProjectState:
    state = ProjectState()
    note = models.CharField(max_length=9, null=True)
    created = migrations.CreateModel("ToolCall", [("state", TEXT.clone()), ("note", note)])
    created.state_forwards("cases", state)
    return state
