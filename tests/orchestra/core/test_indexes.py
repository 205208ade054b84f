"""An index that a migration builds is there afterwards, on either database, and goes again."""

import pytest
from django.db import connection, models
from django.db.migrations.state import ModelState, ProjectState

from orchestra.core.indexes import AddIndexConcurrently

pytestmark = pytest.mark.django_db(transaction=True)


def indexes(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, table))


def test_it_is_built_and_taken_away() -> None:
    before, operation = (
        ProjectState(),
        AddIndexConcurrently(
            model_name="page", index=models.Index(fields=["number"], name="page_number")
        ),
    )
    fields = [("id", models.BigAutoField(primary_key=True)), ("number", models.IntegerField())]
    before.add_model(ModelState("shelf", "Page", fields))
    after = before.clone()
    operation.state_forwards("shelf", after)
    page = before.apps.get_model("shelf", "Page")
    with connection.schema_editor() as editor:
        editor.create_model(page)
    try:
        with connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("shelf", editor, before, after)
        assert "page_number" in indexes("shelf_page")
        with connection.schema_editor(atomic=False) as editor:
            operation.database_backwards("shelf", editor, after, before)
        assert "page_number" not in indexes("shelf_page")
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(page)
