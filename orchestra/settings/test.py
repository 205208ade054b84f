"""Tests: SQLite by default, DATABASE_URL for PostgreSQL, a fast hasher, short times."""

import os
import tempfile
from pathlib import Path

from orchestra.settings.base import *  # noqa: F403  settings modules build on each other


def redis_of_worker(url: str) -> str:
    """Return a Redis URL with a database number of its own for each parallel test worker."""
    server, _, number = url.rpartition("/")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return f"{server}/{int(number) + 1 + int(worker[2:])}" if worker else url


SECRET_KEY = "only-for-tests"  # noqa: S105  no secret: tests sign nothing that matters
LEDGER_SIGNING_KEY = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
TEST_DIR = Path(os.environ.get("ORCHESTRA_TEST_DIR") or tempfile.mkdtemp(prefix="orchestra-test-"))
LEDGER_CHECKPOINT_FILE = TEST_DIR / "checkpoints.txt"
EVIDENCE_DIR = Path(os.environ.get("ORCHESTRA_EVIDENCE_DIR", TEST_DIR / "exports"))
STATIC_ROOT = TEST_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
DATABASES = {"default": database(f"sqlite:///{TEST_DIR / 'test.sqlite3'}")}
DATABASES["default"].setdefault("TEST", {})
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": TEST_DIR / "test-suite.sqlite3"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
if "REDIS_URL" in os.environ:
    # Processes that tests start find the database of their own test worker there.
    os.environ["REDIS_URL"] = redis_of_worker(os.environ["REDIS_URL"])
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "memory://")
ORCHESTRA = {
    **ORCHESTRA,
    "LEASE_SECONDS": 1.0,
    "SWEEP_SECONDS": 0.2,
    "BACKOFF_SECONDS": 0.1,
    "PRIVATE_NETWORKS": ("127.0.0.0/8", "::1/128"),
    "ALLOW_TEST_STEP_UP": True,
    "CRASH_POINTS": True,
}
