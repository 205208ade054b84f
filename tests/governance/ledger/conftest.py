"""A checkpoint file of its own for every test of the ledger."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def checkpoint_file(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "checkpoints.txt"
    settings.LEDGER_CHECKPOINT_FILE = path
    return path
