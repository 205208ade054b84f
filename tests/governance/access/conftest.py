"""What the tests of access share."""

import pytest

from governance.access.models import Queue, User
from governance.access.types import Role
from tests.factories.access import make_person, make_queue


@pytest.fixture
def returns() -> Queue:
    return make_queue("returns", title="Returns")


@pytest.fixture
def administrator() -> User:
    return make_person("petra", roles=[Role.ADMINISTRATOR])
