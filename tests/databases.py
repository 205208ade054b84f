"""Databases beside the suite's own, for tests that start the product's processes."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


@contextmanager
def own_database(name: str) -> Iterator[str]:
    """Make an empty database where the suite runs on a server.

    Args:
        name: What it is for; each of several processes of tests gets one of its own.

    Yields:
        Its URL, or an empty text on SQLite, where the processes' own folder holds the file.
    """
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield ""
        return
    server = url.rsplit("/", 1)[0]
    name = f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    _drop(server, name)
    _execute(server, f"CREATE DATABASE {name}")
    try:
        yield f"{server}/{name}"
    finally:
        _drop(server, name)


class Backup:
    """A copy of a database as it was."""

    def __init__(self, url: str, file: str) -> None:
        self._server, self._name = url.rsplit("/", 1) if url else ("", "")
        self._file = file
        self._copy(self._name, f"{self._name}_backup", file, f"{file}.backup")

    def restore(self) -> None:
        """Put the copy in the database's place."""
        if self._server:
            _drop(self._server, self._name)
        self._copy(f"{self._name}_backup", self._name, f"{self._file}.backup", self._file)

    def drop(self) -> None:
        """Forget the copy."""
        if self._server:
            _drop(self._server, f"{self._name}_backup")

    def _copy(self, name: str, to: str, file: str, to_file: str) -> None:
        if self._server:
            _drop(self._server, to)
            _execute(self._server, f"CREATE DATABASE {to} TEMPLATE {name}")
        else:
            shutil.copyfile(file, to_file)


@contextmanager
def backup(url: str, file: str) -> Iterator[Backup]:
    """Keep a copy of a database that no process uses now, to be put back later.

    Args:
        url: As ``own_database`` gave it.
        file: SQLite's file, where the URL is empty.
    """
    taken = Backup(url, file)
    try:
        yield taken
    finally:
        taken.drop()


def _drop(server: str, name: str) -> None:
    _execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _execute(server: str, sql: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql)
