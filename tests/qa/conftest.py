"""A centre's documents of quality in force."""

import pytest

from qa.builtin.services import load_shipped
from tests.conftest import NOW
from tests.factories.access import FACTORY


@pytest.fixture
def shipped(db: None) -> None:
    """Everything that ships, published."""
    del db
    load_shipped(actor=FACTORY, now=NOW)
