"""What the tests of approvals share."""

from collections.abc import Iterator

import pytest

from governance.access.models import Queue
from tests.factories.access import make_queue
from tests.factories.approvals import Recorder, register_recorder


@pytest.fixture(autouse=True)
def recorder() -> Iterator[Recorder]:
    """What the room above was told."""
    found = register_recorder()
    yield found
    found.reset()


@pytest.fixture
def returns() -> Queue:
    return make_queue("returns", title="Returns")
