"""What the tests of the rooms of cases share."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from cases.tools.adapters import simulated
from tests.conftest import NOW
from tests.factories import retail
from tests.factories.centres import Centre, make_centre
from tests.kept import SHARED, kept


@pytest.fixture
def committing(transactional_db: None) -> None:
    """A database whose commits are real."""


@pytest.fixture
def centre(db: None) -> Centre:  # noqa: ARG001  its rows; committing makes its commits real
    return make_centre()


def make_retail_centre(folder: Path) -> retail.Centre:
    """Make the small retail centre; the store's journal lies in a folder."""
    return retail.make_centre(now=NOW, journal=folder / "store.journal")


SHARED["retail_centre"] = make_retail_centre


@pytest.fixture
def retail_centre(db: None, tmp_path: Path) -> Iterator[retail.Centre]:
    """The small retail centre as it is made, whatever the test before did."""
    del db
    is_kept = kept.name == "retail_centre"
    made: retail.Centre = kept.value if is_kept else make_retail_centre(tmp_path)
    yield deepcopy(made)
    simulated.forget_stores()
    made.journal.unlink(missing_ok=True)
