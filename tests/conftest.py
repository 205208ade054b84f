"""Sockets off, a quick flush past the append-only guards, a fixed clock, actors."""

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connection

from tests.flushing import quick_flush
from tests.kept import kept, wanted_by

# The suite tries the same slice every time; a full proof looks further.
hypothesis.settings.register_profile("slice", derandomize=True, deadline=None)
hypothesis.settings.register_profile("proof", deadline=None)
hypothesis.settings.load_profile("proof" if "ORCHESTRA_PROOF" in os.environ else "slice")

NOW = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave what only PostgreSQL does, row locks and kept plans, to a run on PostgreSQL."""
    if item.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.skip("set DATABASE_URL to a PostgreSQL server")


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise RuntimeError(f"a test tried to reach {address[0]}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _nothing_counted_before() -> None:
    """Keep the codes spent and the refusals counted in one test out of the next."""
    cache.clear()


@pytest.fixture(autouse=True, scope="session")
def _quick_flush() -> Iterator[None]:
    with quick_flush():
        yield


@pytest.fixture(autouse=True)
def _own_checkpoint_file(settings: Any, tmp_path: Path) -> None:
    """Keep one test's checkpoints from looking like a truncation in the next."""
    settings.LEDGER_CHECKPOINT_FILE = tmp_path / "checkpoints.txt"


@pytest.fixture(scope="session")
def _kept_closed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """Close the shared world before the database goes."""
    del django_db_setup
    yield django_db_blocker
    with django_db_blocker.unblock():
        kept.close()


@pytest.fixture(autouse=True, scope="class")
def _world_kept(request: pytest.FixtureRequest) -> None:
    """Open or end the shared world before the test's own transaction begins.

    A test function outside of a class is its own class to pytest, and what has a wider scope
    goes first: before the database is made ready for the test.
    """
    name = wanted_by(request)
    if name == kept.name:
        return
    with request.getfixturevalue("_kept_closed").unblock():
        if name:
            kept.open(name, request.getfixturevalue("tmp_path_factory").mktemp(name))
        else:
            kept.close()
