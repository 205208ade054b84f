"""Makes the tables of a new, empty database at once, as its migrations would leave them.

Migrations make a table and then change it step by step, and Django builds every model anew at
each step. Where there is nothing to change, the last state gives the same tables in a tenth of
the time. This is for the demonstration, whose person waits; everything else migrates.
"""

from collections.abc import Sequence
from typing import Final

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import (
    IndexOperation,
    ModelOperation,
    ModelOptionOperation,
)
from django.db.migrations.state import ProjectState

from orchestra.core.at_once import CreateModelsAtOnce

#: What only changes how tables look, so that the last state says it all.
_SHAPES: Final = (
    ModelOperation,
    ModelOptionOperation,
    FieldOperation,
    IndexOperation,
    CreateModelsAtOnce,
)
#: What does something to the database itself, and is done here too, in its order.
_ACTS: Final = (migrations.RunPython, migrations.RunSQL)


def make_tables(connection: BaseDatabaseWrapper) -> bool:
    """Make every table of an empty SQLite database and record all migrations as applied.

    Args:
        connection: To the database.

    Returns:
        Whether it was done; False, with nothing changed, for a database that is not new, is no
        SQLite, or where a migration does what is not known here. Then it has to be migrated.
    """
    if connection.vendor != "sqlite" or connection.introspection.table_names():
        return False
    executor = MigrationExecutor(connection)
    plan = [one for one, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    found = [(one.app_label, each) for one in plan for each in one.operations]
    if not all(isinstance(each, (*_SHAPES, *_ACTS)) for _app, each in found):
        return False
    state = executor.loader.project_state()
    acts = [(app, each) for app, each in found if isinstance(each, _ACTS)]
    _make(connection, state.apps)
    _act(connection, state, acts)
    _record(executor, plan)
    return True


def _make(connection: BaseDatabaseWrapper, apps: Apps) -> None:
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):  # noqa: SLF001  as migrations ask
                editor.create_model(model)


def _act(
    connection: BaseDatabaseWrapper, state: ProjectState, acts: Sequence[tuple[str, Operation]]
) -> None:
    with connection.schema_editor() as editor:
        for app, each in acts:
            each.database_forwards(app, editor, state, state)


def _record(executor: MigrationExecutor, plan: list[Migration]) -> None:
    executor.recorder.ensure_schema()
    for one in plan:
        # One that stands for others is recorded as those, and then as itself.
        for app, name in one.replaces or [(one.app_label, one.name)]:
            executor.recorder.record_applied(app, name)
    executor.check_replacements()
