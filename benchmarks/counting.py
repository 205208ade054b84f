"""Counts what one action costs the database: statements, rows, commits, write-ahead log.

The whole action runs in this process and on this thread's connection, the web layer through
its WSGI callable, so that every statement passes by; nothing else may use the database.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection

from benchmarks.trips import Item

_ROW_COUNTERS = {"INSERT": "inserted", "UPDATE": "updated", "DELETE": "deleted"}
#: A backend hands in its counts as it ends; this lets it end.
_BACKEND_ENDS_SECONDS = 0.5
#: URL of the server's maintenance database; without it there is no log to measure.
SERVER_VARIABLE = "BENCH_POSTGRES"


@dataclass(slots=True)
class Tally:
    """What one stretch of work cost.

    Attributes:
        commits: Transactions committed that wrote something.
        wal_bytes: Write-ahead log of the whole server meanwhile; 0 on SQLite.
    """

    statements: int = 0
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    commits: int = 0
    wal_bytes: int = 0


COUNTS = tuple(Tally.__dataclass_fields__)


@dataclass(slots=True)
class Server:
    """A second connection that looks at the server from outside."""

    link: "psycopg.Connection[Any] | None"

    @classmethod
    def open(cls) -> "Server":
        """Return the look from outside, blind where there is no server."""
        url = os.environ.get(SERVER_VARIABLE)
        return cls(psycopg.connect(url, autocommit=True) if url else None)

    def wal(self) -> int:
        """Return the position of the write-ahead log in bytes."""
        if self.link is None:
            return 0
        row = self.link.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
        return int(row[0]) if row else 0

    def rows(self) -> dict[str, int]:
        """Return the server's own counts of this database, once our backend has ended."""
        if self.link is None:
            return {}
        connection.close()
        time.sleep(_BACKEND_ENDS_SECONDS)
        row = self.link.execute(
            "SELECT tup_inserted, tup_updated, tup_deleted, xact_commit "
            "FROM pg_stat_database WHERE datname = %s",
            [connection.settings_dict["NAME"]],
        ).fetchone()
        names = ("inserted", "updated", "deleted", "transactions")
        return dict(zip(names, row or (0, 0, 0, 0), strict=True))


@dataclass(slots=True)
class Meter:
    """Counts by named stretch of one action after another."""

    server: Server
    stretches: dict[str, list[Tally]] = field(default_factory=dict)
    _tally: Tally = field(default_factory=Tally)
    _wrote: bool = False

    @contextmanager
    def stretch(self, name: str) -> Iterator[None]:
        """Count what happens inside, under a name."""
        self._tally, self._wrote = Tally(), False
        commit, begins = connection.commit, self.server.wal()

        def counted_commit() -> None:
            commit()
            self._tally.commits += self._wrote
            self._wrote = False

        connection.commit = counted_commit  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(self._see):
                yield
        finally:
            del connection.commit
        self._tally.wal_bytes = self.server.wal() - begins
        self.stretches.setdefault(name, []).append(self._tally)

    def _see(
        self,
        execute: Callable[..., Any],
        sql: str,
        params: Any,
        many: bool,  # noqa: FBT001  Django calls it so
        context: dict[str, Any],
    ) -> Any:
        answer = execute(sql, params, many, context)
        self._tally.statements += 1
        counter = _ROW_COUNTERS.get(sql.split(None, 1)[0].upper())
        if counter is not None:
            rows = max(context["cursor"].rowcount, 0)
            if counter == "inserted" and connection.vendor == "sqlite":
                # SQLite knows the number only once what the INSERT returns was fetched.
                rows = sql.count("), (") + 1
            setattr(self._tally, counter, getattr(self._tally, counter) + rows)
            if connection.in_atomic_block:
                self._wrote = True
            else:
                self._tally.commits += 1
        return answer


def count_actions(
    *, items: Sequence[Item], act: Callable[[Item, Meter], None]
) -> dict[str, dict[str, float]]:
    """Return the median cost of an action, by stretch, and as the server counted it.

    Args:
        items: What to do; the first warms up and is not counted.
        act: Does one, naming its stretches.
    """
    act(items[0], Meter(Server(None)))
    server = Server.open()
    meter = Meter(server)
    before = server.rows()
    for item in items[1:]:
        act(item, meter)
    after = server.rows()
    found = {name: _medians(tallies) for name, tallies in meter.stretches.items()}
    runs = len(items) - 1
    if before:
        found["server"] = {name: (after[name] - before[name]) / runs for name in after}
    return found


def _medians(tallies: Sequence[Tally]) -> dict[str, float]:
    return {name: statistics.median(getattr(tally, name) for tally in tallies) for name in COUNTS}
