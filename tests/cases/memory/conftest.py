"""A queue with an AI agent, a person who works it, and one who only reads."""

from dataclasses import dataclass

import pytest

from cases.memory.entries import KINDS
from governance.access.models import AgentIdentity, Queue, User
from governance.access.types import QueueGrant, Role
from governance.ledger.registry import register_kinds
from tests.factories.access import make_agent, make_person, make_queue

register_kinds(*KINDS)


@dataclass(frozen=True)
class Centre:
    queue: Queue
    other: Queue
    agent: AgentIdentity
    person: User
    reader: User
    stranger: User


@pytest.fixture
def centre(request: pytest.FixtureRequest) -> Centre:
    if "committing" not in request.fixturenames:
        request.getfixturevalue("db")
    queue, other = make_queue("returns"), make_queue("exchanges")
    return Centre(
        queue=queue,
        other=other,
        agent=make_agent("Returns assistant", queues=[queue]),
        person=make_person(
            "lena", roles=[Role.HUMAN_AGENT], grants={queue: [QueueGrant.READ, QueueGrant.WORK]}
        ),
        reader=make_person("rita", roles=[Role.HUMAN_AGENT], grants={queue: [QueueGrant.READ]}),
        stranger=make_person(
            "otto", roles=[Role.SUPERVISOR], grants={other: [QueueGrant.READ, QueueGrant.WORK]}
        ),
    )
