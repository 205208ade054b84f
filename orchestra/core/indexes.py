"""Indexes that a migration builds or drops while others write, where the database can."""

from typing import Any, ClassVar

from django.contrib.postgres import operations
from django.db.migrations import AddIndex, RemoveIndex
from django.db.migrations.operations.base import Operation


class _BesideWriters(Operation):
    """Keeps nobody waiting; goes plainly on SQLite, which locks anyway.

    The migration has to say ``atomic = False``.
    """

    plain: ClassVar[type[Operation]]

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Do it."""
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            self.plain.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Take it back."""
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            self.plain.database_backwards(self, app_label, schema_editor, from_state, to_state)


class AddIndexConcurrently(_BesideWriters, operations.AddIndexConcurrently):
    """Build an index while others write."""

    plain = AddIndex


class RemoveIndexConcurrently(_BesideWriters, operations.RemoveIndexConcurrently):
    """Drop an index while others read and write."""

    plain = RemoveIndex
