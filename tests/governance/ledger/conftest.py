"""A checkpoint file of its own for every test of the ledger, and the PostgreSQL condition."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection


@pytest.fixture(autouse=True)
def checkpoint_file(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "checkpoints.txt"
    settings.LEDGER_CHECKPOINT_FILE = path
    return path


@pytest.fixture(autouse=True)
def _needs_postgresql(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("postgresql") and connection.vendor != "postgresql":
        pytest.skip("this race needs row locks: set DATABASE_URL to a PostgreSQL")
