"""What tools declared before they had versions becomes their first one."""

from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

import cases.migrations
from cases.tools.models import ToolDefinition, ToolVersion
from orchestra.core.actors import system
from orchestra.core.history import save_as
from tests.factories.tools import FACTORY, NOTE, REFUND, make_tool

[FILE] = Path(next(iter(cases.migrations.__path__))).glob("*_tool_first_versions.py")
MIGRATION = import_module(f"cases.migrations.{FILE.stem}")


def migrate(step: str) -> None:
    state = MigrationExecutor(connection).loader.project_state(("cases", FILE.stem))
    with connection.schema_editor(atomic=False) as editor:
        getattr(MIGRATION, step)(state.apps, editor)


@pytest.mark.django_db(transaction=True)
def test_each_tool_has_its_first_version_by_who_declared_it() -> None:
    tools = [make_tool(NOTE), make_tool(REFUND)]
    # A later change of something else does not make its author that of the text.
    tools[0].enabled = False
    save_as(tools[0], actor=system("someone else"))
    migrate("drop_versions")
    assert not ToolVersion.objects.exists()
    assert not ToolVersion.history.exists()
    migrate("make_first_versions")
    rows = ToolVersion.objects.order_by("pk")
    assert [(one.tool_id, one.number, one.state) for one in rows] == [
        (tool.pk, 1, "published") for tool in tools
    ]
    for version, tool in zip(rows, ToolDefinition.objects.order_by("pk"), strict=True):
        assert (version.document, version.digest) == (tool.document, tool.digest)
        assert (version.author_id, tool.number) == (FACTORY.id, 1)
        assert version.published_at == tool.history.earliest("history_id").history_date
        assert version.history.get().actor_id == FACTORY.id
