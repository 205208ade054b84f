"""A queue with an AI agent, a person who works it, and people who may do less."""

from dataclasses import dataclass

from governance.access.models import AgentIdentity, Queue, User
from governance.access.types import QueueGrant, Role
from tests.factories.access import make_agent, make_person, make_queue


@dataclass(frozen=True)
class Centre:
    """A small centre.

    Attributes:
        reader: Sees the queue's cases and works none.
        stranger: Works another queue.
    """

    queue: Queue
    other: Queue
    agent: AgentIdentity
    person: User
    reader: User
    stranger: User


def make_centre() -> Centre:
    queue, other = make_queue("returns"), make_queue("exchanges")
    works = [QueueGrant.READ, QueueGrant.WORK]
    return Centre(
        queue=queue,
        other=other,
        agent=make_agent("Returns assistant", queues=[queue]),
        person=make_person("lena", roles=[Role.HUMAN_AGENT], grants={queue: works}),
        reader=make_person("rita", roles=[Role.HUMAN_AGENT], grants={queue: [QueueGrant.READ]}),
        stranger=make_person("otto", roles=[Role.SUPERVISOR], grants={other: works}),
    )
