"""How PostgreSQL goes about our statements: planned once a connection, and never compiled."""

from typing import Any

from django.db import connection

#: Statements that one connection keeps planned; the one unused longest gives way.
_MOST_PLANNED = 200


def planning_cursor() -> Any:
    """Return a cursor whose statements the server plans once a connection, not each time.

    For texts that stay the same, with every value bound: the plan is kept by the text, and
    whatever stands in the text instead of a bound value would make a plan of its own. A plain
    cursor on SQLite, where the database's options name no ``prepare_threshold``, and while
    statements are logged, so that they are read with their values.
    """
    if connection.vendor != "postgresql" or connection.queries_logged or not _keeps_plans():
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415  its driver

    connection.ensure_connection()
    raw: Any = connection.connection
    usual = raw.cursor_factory
    raw.prepared_max, raw.cursor_factory = _MOST_PLANNED, ServerBindingCursor
    try:
        return connection.cursor()
    finally:
        raw.cursor_factory = usual


def _keeps_plans() -> bool:
    return connection.settings_dict["OPTIONS"].get("prepare_threshold") is not None


def without_compiling(*, connection: Any, **_sent: Any) -> None:
    """Tell a new connection not to compile statements to machine code before it runs them.

    That pays for statements of seconds. Ours read some rows along an index; where the planner
    takes them for dear, compiling takes longer than they do.
    """
    if connection.vendor == "postgresql":
        # Past Django's log of statements: this is no query of a page.
        connection.connection.execute("SET jit = off")
