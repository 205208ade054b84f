"""The retail world on a simulated store, with an agent, supervisors and a colleague."""

from pathlib import Path

import pytest

from cases.memory.models import Case
from tests.factories.retail import Centre


@pytest.fixture
def centre(retail_centre: Centre) -> Centre:
    return retail_centre


@pytest.fixture
def journal(centre: Centre) -> Path:
    return centre.journal


@pytest.fixture
def case(centre: Centre) -> Case:
    return centre.open().case
