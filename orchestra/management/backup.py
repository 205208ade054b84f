"""Takes a backup, puts it back beside the database, and proves that it is whole."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from orchestra.core import canonical

ROOT: Final = Path(__file__).parents[2]
SCRATCH: Final = "_backup_drill"
_POSTGRES: Final = "postgresql"
_TIMEOUT_SECONDS: Final = 6 * 60 * 60
#: What the embedded settings keep beside the database and verifying needs.
_KEPT: Final = ("django.key", "ledger.key", "ledger.next.key", "checkpoints.txt")

Json = Any


class BackupError(Exception):
    """The drill could not be held; the message says why, and holds no secret."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill found.

    Attributes:
        ok: Whether the backup holds every row, and its ledger verifies.
        size_bytes: Size of the backup.
        tables: How many tables were compared.
        rows: How many rows the backup holds.
        differences: Tables whose count is none that the database had, in words.
        ledger: What verifying the ledger in the backup said.
    """

    ok: bool
    engine: str
    size_bytes: int
    tables: int
    rows: int
    differences: tuple[str, ...]
    ledger: Mapping[str, Json]
    dump_seconds: float
    restore_seconds: float
    verify_seconds: float


def hold_backup_drill(*, folder: Path) -> Drilled:
    """Dump the database, restore it into a scratch one, verify the ledger there, compare counts.

    The database itself is only read. Verifying uses a copy of the file of checkpoints, since a
    backup that signed into the file itself would contradict the ledger that goes on.

    Args:
        folder: An empty folder for the backup and the copies; for its own user only.

    Raises:
        BackupError: The database is of no kind that can be dumped, a program is missing, or one
            of them failed.
    """
    engine = connection.vendor
    file = folder / "backup"
    before = _count_here()
    began = time.perf_counter()
    _dump(engine, file)
    dumped = time.perf_counter()
    after = _count_here()
    with _restored(engine, file) as (url, count):
        restored_at = time.perf_counter()
        found = count(sorted(before))
        counted = time.perf_counter()
        ledger = _verify(url, folder)
        verified = time.perf_counter()
    differences = tuple(compare(before, after, found))
    return Drilled(
        ok=not differences and ledger.get("ok") is True,
        engine=engine,
        size_bytes=file.stat().st_size,
        tables=len(found),
        rows=sum(found.values()),
        differences=differences,
        ledger={key: ledger.get(key) for key in ("ok", "size", "outside", "problems")},
        dump_seconds=round(dumped - began, 2),
        restore_seconds=round(restored_at - dumped, 2),
        verify_seconds=round(verified - counted, 2),
    )


def compare(
    before: Mapping[str, int], after: Mapping[str, int], found: Mapping[str, int]
) -> Iterator[str]:
    """Yield each table of a backup whose count of rows cannot be right.

    The database goes on meanwhile, so a count is right between those before and after the dump.
    """
    for table, first in sorted(before.items()):
        least, most = sorted((first, after.get(table, first)))
        count = found.get(table)
        if count is None or not least <= count <= most:
            held = "no such table" if count is None else f"{count} rows"
            yield f"{table}: {held} in the backup, {least} to {most} in the database"


def _count_here() -> dict[str, int]:
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            found[table] = int(cursor.fetchone()[0])
    return found


def _dump(engine: str, file: Path) -> None:
    if engine == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(file)) as copy:
            connection.connection.backup(copy)
    elif engine == _POSTGRES:
        _run(["pg_dump", "--format=custom", "--file", str(file), _dsn(_name())])
    else:
        raise BackupError(f"There is no drill for a database of the kind {engine}.")
    file.chmod(0o600)


@contextmanager
def _restored(engine: str, file: Path) -> Iterator[tuple[str, Any]]:
    if engine == "sqlite":
        copy = file.with_name("restored.sqlite3")
        shutil.copyfile(file, copy)
        with closing(sqlite3.connect(copy)) as restored:
            yield f"sqlite:///{copy}", lambda tables: _count_in(restored, tables)
        return
    scratch = _name() + SCRATCH
    _remake(scratch, make=True)
    try:
        _run(["pg_restore", "--exit-on-error", "--no-owner", "--dbname", _dsn(scratch), str(file)])
        with psycopg.connect(_dsn(scratch), password=_password(), autocommit=True) as held:
            yield _url(scratch), lambda tables: _count_in(held, tables)
    finally:
        _remake(scratch, make=False)


def _count_in(held: Any, tables: Sequence[str]) -> dict[str, int]:
    found = {}
    for table in tables:
        name = '"' + table.replace('"', '""') + '"'
        found[table] = int(held.execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # noqa: S608
    return found


def _verify(url: str, folder: Path) -> dict[str, Json]:
    """Return what ``ledger verify`` says of a database, beside copies of keys and checkpoints."""
    var = folder / "var"
    var.mkdir(mode=0o700)
    beside = Path(settings.VAR_DIR)
    for name in _KEPT:
        if (beside / name).exists():
            shutil.copy(beside / name, var / name)
    checkpoints = var / "checkpoints.txt"
    kept = Path(settings.LEDGER_CHECKPOINT_FILE)
    if kept.exists():
        shutil.copy(kept, checkpoints)
    done = subprocess.run(
        [sys.executable, "manage.py", "ledger", "verify", "--json"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": url,
            "ORCHESTRA_VAR": str(var),
            "ORCHESTRA_CHECKPOINT_FILE": str(checkpoints),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )
    lines = done.stdout.strip().splitlines()
    if not lines:
        raise BackupError(f"The ledger in the backup could not be verified: {done.stderr[-500:]}")
    told: dict[str, Json] = canonical.loads_strict(lines[-1])
    return told


def _run(command: list[str]) -> None:
    """Run a program of PostgreSQL; its password goes by the environment, never by the command."""
    program = shutil.which(command[0])
    if program is None:
        raise BackupError(f"{command[0]} is not on the PATH; install PostgreSQL's client programs.")
    done = subprocess.run(  # noqa: S603  a fixed program, no shell
        [program, *command[1:]],
        env={**os.environ, "PGPASSWORD": _password()},
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )
    if done.returncode:
        raise BackupError(f"{command[0]} failed: {done.stderr.strip()[-500:]}")


def _remake(name: str, *, make: bool) -> None:
    identifier = sql.Identifier(name)
    try:
        with psycopg.connect(_dsn(_name()), password=_password(), autocommit=True) as held:
            held.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))
            if make:
                held.execute(sql.SQL("CREATE DATABASE {}").format(identifier))
    except psycopg.Error as error:
        raise BackupError(
            f"The scratch database {name} cannot be made or removed: {error}. "
            "The role needs CREATEDB; run the drill as the owner."
        ) from error


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _password() -> str:
    return str(connection.settings_dict["PASSWORD"] or "")


def _parts() -> dict[str, str]:
    given = connection.settings_dict
    return {"user": given["USER"], "host": given["HOST"], "port": str(given["PORT"] or "")}


def _dsn(name: str) -> str:
    """Return how a database is reached, without its password."""
    parts = {key: text for key, text in _parts().items() if text}
    return psycopg.conninfo.make_conninfo("", dbname=name, **parts)


def _url(name: str) -> str:
    parts = _parts()
    word = f":{quote(_password(), safe='')}" if _password() else ""
    port = f":{parts['port']}" if parts["port"] else ""
    host = parts["host"]
    query = f"?{urlencode({'host': host})}" if host.startswith("/") else ""
    at = "" if query else host
    return f"postgres://{quote(parts['user'], safe='')}{word}@{at}{port}/{name}{query}"
