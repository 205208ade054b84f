from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cases.channels import services
from cases.channels.models import InboundChannel
from cases.channels.types import Outcome, Scheme
from governance.access.models import Queue, User
from governance.access.types import Role
from tests.factories.access import make_person, make_queue
from tests.factories.channels import KEY, make_channel, signed


@pytest.fixture
def petra(db: None) -> User:
    del db
    return make_person("petra", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def care(db: None) -> Queue:
    del db
    return make_queue("care", title="Care", is_default=True)


Send = Callable[..., Outcome]


@pytest.fixture
def send(now: datetime) -> Send:
    """Send a payload to a channel as its system would."""

    def sent(channel: InboundChannel, payload: Any, *, at: datetime = now, key: bytes = KEY) -> Any:
        body, headers = signed(Scheme(channel.scheme), payload, at, key)
        return services.receive(key=channel.key, headers=headers, body=body, now=now)

    return sent


@pytest.fixture
def chat(petra: User, care: Queue, now: datetime) -> InboundChannel:
    del care
    return make_channel(petra, now, state="live", key="web-chat")
