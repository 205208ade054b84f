from collections.abc import Iterator

import pytest

from governance.access.models import User
from governance.access.types import Role
from orchestra.core.breaker import Breaker
from tests.factories.access import make_person
from tests.factories.webhooks import Receiver, receiver


@pytest.fixture(autouse=True)
def _fresh_breakers() -> Iterator[None]:
    Breaker.forget_all()
    yield
    Breaker.forget_all()


@pytest.fixture
def petra(db: None) -> User:
    del db
    return make_person("petra", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def lake() -> Iterator[Receiver]:
    with receiver() as found:
        yield found
