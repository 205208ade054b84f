"""An index that a migration builds is there afterwards, on either database, and goes again."""

from collections.abc import Iterator

import pytest
from django.db import connection, models
from django.db.migrations.state import ModelState, ProjectState

from orchestra.core.indexes import AddIndexConcurrently, RemoveIndexConcurrently

pytestmark = pytest.mark.django_db(transaction=True)
BUILD = AddIndexConcurrently(
    model_name="page", index=models.Index(fields=["number"], name="page_number")
)


def indexes(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, table))


@pytest.fixture
def shelf() -> Iterator[tuple[ProjectState, ProjectState]]:
    """Return the state without and with an index, over a table that has it not."""
    without = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("number", models.IntegerField())]
    without.add_model(ModelState("shelf", "Page", fields))
    having = without.clone()
    BUILD.state_forwards("shelf", having)
    page = without.apps.get_model("shelf", "Page")
    with connection.schema_editor() as editor:
        editor.create_model(page)
    yield without, having
    with connection.schema_editor() as editor:
        editor.delete_model(page)


def test_it_is_built_and_taken_away(shelf: tuple[ProjectState, ProjectState]) -> None:
    without, having = shelf
    with connection.schema_editor(atomic=False) as editor:
        BUILD.database_forwards("shelf", editor, without, having)
    assert "page_number" in indexes("shelf_page")
    with connection.schema_editor(atomic=False) as editor:
        BUILD.database_backwards("shelf", editor, having, without)
    assert "page_number" not in indexes("shelf_page")


def test_it_is_dropped_and_built_again(shelf: tuple[ProjectState, ProjectState]) -> None:
    without, having = shelf
    drop = RemoveIndexConcurrently(model_name="page", name="page_number")
    with connection.schema_editor(atomic=False) as editor:
        BUILD.database_forwards("shelf", editor, without, having)
        drop.database_forwards("shelf", editor, having, without)
    assert "page_number" not in indexes("shelf_page")
    with connection.schema_editor(atomic=False) as editor:
        drop.database_backwards("shelf", editor, without, having)
    assert "page_number" in indexes("shelf_page")
