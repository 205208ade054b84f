"""The retail world on a simulated store, with an agent, supervisors and a colleague."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from cases.memory.models import Case
from cases.tools.adapters import simulated
from tests.factories.retail import Centre, make_centre


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "store.journal"


@pytest.fixture
def centre(db: None, now: datetime, journal: Path) -> Iterator[Centre]:
    del db
    yield make_centre(now=now, journal=journal)
    simulated.forget_stores()


@pytest.fixture
def case(centre: Centre) -> Case:
    return centre.open().case
