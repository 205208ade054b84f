"""What the tests of the rooms of cases share."""

import pytest

from tests.factories.centres import Centre, make_centre


@pytest.fixture
def committing(transactional_db: None) -> None:
    """A database whose commits are real."""


@pytest.fixture
def centre(db: None) -> Centre:  # noqa: ARG001  its rows; committing makes its commits real
    return make_centre()
