"""Where a benchmark runs: databases and brokers of its own, gone when it ends."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
from psycopg import sql

SERVER = "postgres://postgres@127.0.0.1:5432"
REDIS = "redis://127.0.0.1:6379/8"
#: Keys that a Celery worker leaves in its broker.
_CELERYS_OWN = (b"celery", b"_kombu.", b"unacked", b"plain:")
#: Says that a run goes on; longer than any takes, so that a killed one is forgotten.
_IN_USE, _IN_USE_SECONDS = b"orchestra-bench", 1200


@dataclass(frozen=True, slots=True)
class Place:
    """Databases by subject and one broker.

    Attributes:
        name: What stands in the report.
        folder: For files; removed at the end.
        server: URL of PostgreSQL's maintenance database; empty for SQLite.
        databases: URL by subject.
        redis: URL of the broker; empty for the one on files.
    """

    name: str
    folder: Path
    server: str
    databases: dict[str, str]
    redis: str


@contextmanager
def place(*, subjects: Sequence[str], embedded: bool) -> Iterator[Place]:
    """Make room for some subjects on the servers that answer, and clear it away afterwards.

    Args:
        subjects: Their names.
        embedded: Whether to use SQLite and files even where the servers answer.
    """
    server = os.environ.get("BENCH_POSTGRES_SERVER", SERVER)
    broker = os.environ.get("BENCH_REDIS_URL", REDIS)
    with tempfile.TemporaryDirectory(prefix="orchestra-bench-") as name:
        folder = Path(name)
        if embedded or not _answer(server, broker):
            files = {item: f"sqlite:///{folder / item}.sqlite3" for item in subjects}
            yield Place("SQLite and the broker on files", folder, "", files, "")
            return
        with _databases(server, subjects) as databases, _broker(broker):
            maintenance = f"{server}/postgres"
            yield Place("PostgreSQL and Redis", folder, maintenance, databases, broker)


def _answer(server: str, broker: str) -> bool:
    try:
        psycopg.connect(f"{server}/postgres", connect_timeout=2).close()
        redis.Redis.from_url(broker, socket_connect_timeout=2).ping()
    except (psycopg.OperationalError, redis.RedisError):
        return False
    return True


@contextmanager
def _databases(server: str, subjects: Sequence[str]) -> Iterator[dict[str, str]]:
    names = {item: f"orchestra_bench_{item}_{os.getpid()}".replace("-", "_") for item in subjects}
    with psycopg.connect(f"{server}/postgres", autocommit=True) as link:
        try:
            for name in names.values():
                link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            yield {item: f"{server}/{name}" for item, name in names.items()}
        finally:
            for name in names.values():
                link.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )


@contextmanager
def _broker(url: str) -> Iterator[None]:
    """Take a Redis database in which nobody else keeps anything, and leave it empty."""
    link = redis.Redis.from_url(url)
    if not link.set(_IN_USE, os.getpid(), nx=True, ex=_IN_USE_SECONDS):
        raise SystemExit(f"another run uses {url}; wait for its end")
    own = (*_CELERYS_OWN, _IN_USE)
    if any(not key.startswith(own) for key in link.scan_iter()):
        link.delete(_IN_USE)
        raise SystemExit(f"{url} holds keys of others; name an empty one in BENCH_REDIS_URL")
    _clear(link)
    try:
        yield
    finally:
        _clear(link)
        link.delete(_IN_USE)


def _clear(link: redis.Redis) -> None:
    for key in link.scan_iter():
        if key.startswith(_CELERYS_OWN):
            link.delete(key)
