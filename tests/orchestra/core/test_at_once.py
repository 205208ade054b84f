"""Models that refer to each other in a circle are created in one step, and go in one."""

import pytest
from django.db import connection, models
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState
from django.db.models.deletion import CASCADE

from orchestra.core.at_once import CreateModelsAtOnce

LABEL = "at_once"
TABLES = {"at_once_child", "at_once_parent"}


def step() -> CreateModelsAtOnce:
    key = models.BigAutoField(primary_key=True)
    return CreateModelsAtOnce(
        [
            CreateModel(
                "Child",
                [("id", key), ("parent", models.ForeignKey("at_once.Parent", CASCADE))],
            ),
            CreateModel(
                "Parent",
                [("id", key.clone()), ("eldest", models.ForeignKey("at_once.Child", CASCADE))],
            ),
        ]
    )


def standing() -> set[str]:
    return TABLES & set(connection.introspection.table_names())


def test_models_are_built_once_somebody_asks() -> None:
    state = ProjectState()
    assert list(state.apps.get_models()) == []
    before = state.clone()
    step().state_forwards(LABEL, state)
    assert "apps" not in vars(state)
    assert {one._meta.db_table for one in state.apps.get_models()} == TABLES
    assert list(before.apps.get_models()) == []


@pytest.mark.django_db(transaction=True)
def test_tables_that_refer_to_each_other_come_and_go() -> None:
    before, after = ProjectState(), ProjectState()
    step().state_forwards(LABEL, after)
    with connection.schema_editor() as editor:
        step().database_forwards(LABEL, editor, before, after)
    assert standing() == TABLES
    with connection.cursor() as cursor:
        found = connection.introspection.get_relations(cursor, "at_once_child")
    assert {name: target[:2] for name, target in found.items()} == {
        "parent_id": ("id", "at_once_parent")
    }
    with connection.schema_editor() as editor:
        step().database_backwards(LABEL, editor, after, before)
    assert standing() == set()


def test_it_says_what_it_does() -> None:
    assert step().describe() == "Create 2 models at once"
