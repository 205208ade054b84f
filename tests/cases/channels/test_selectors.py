"""Who sees channels."""

from datetime import datetime

import pytest

from cases.channels import selectors
from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Role
from orchestra.core.errors import NotFoundError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.channels import make_channel

pytestmark = pytest.mark.django_db


def test_who_sees_channels(petra: User, now: datetime) -> None:
    channel = make_channel(petra, now)
    maren = authority_of(make_person("maren", roles=[Role.SUPERVISOR]).as_actor())
    assert list(selectors.list_channels(authority=maren)) == [channel]
    assert selectors.get_channel(authority=maren, key=channel.key) == channel
    with pytest.raises(NotFoundError):
        selectors.get_channel(authority=maren, key="nobody")
    hugo = authority_of(make_person("hugo", roles=[Role.HUMAN_AGENT]).as_actor())
    with pytest.raises(NotPermittedError):
        selectors.list_channels(authority=hugo)
