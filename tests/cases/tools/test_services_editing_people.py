"""Who may edit a call that waits, and who may not."""

import pytest

from cases.tools.models import ToolCall
from governance.access.types import QueueGrant, Role
from governance.approvals.types import ApprovalState
from orchestra.core.errors import NotFoundError, NotPermittedError
from tests.cases.tools.conftest import World
from tests.cases.tools.test_services_editing import ASKED, LESS, everything, request_of
from tests.factories.access import make_agent, make_person, make_supervisor


@pytest.fixture
def waiting(world: World) -> ToolCall:
    return world.propose("refund_order", ASKED)


def test_who_may_not_edit(world: World, waiting: ToolCall) -> None:
    reader = make_person(
        "", roles=[Role.HUMAN_AGENT], grants={world.queue: [QueueGrant.READ]}
    ).as_actor()
    colleague = make_agent("", owner=world.owner, queues=[world.queue]).as_actor()
    before = everything()

    for actor in (reader, colleague, world.agent):
        with pytest.raises(NotPermittedError):
            world.edit(waiting, LESS, editor=actor)
    with pytest.raises(NotFoundError):
        world.edit(waiting, LESS, editor=make_person("").as_actor())

    assert everything() == before


def test_who_proposes_on_the_queue_may_edit(world: World, waiting: ToolCall) -> None:
    grants = {world.queue: [QueueGrant.READ, QueueGrant.WORK]}
    worker = make_person("", roles=[Role.HUMAN_AGENT], grants=grants)

    child = world.edit(waiting, LESS, editor=worker)

    assert child.edited_by_id == str(worker.public_id)
    assert world.approve(child).state == ApprovalState.GRANTED


def test_a_persons_own_request_stays_their_own(world: World) -> None:
    asker = make_supervisor(world.queue)
    call = world.propose("refund_order", ASKED, actor=asker.as_actor())

    child = world.edit(call, LESS)

    assert child.requester_id == str(asker.public_id)
    assert request_of(child).barred == {
        str(asker.public_id): "You asked for it.",
        str(world.supervisor.public_id): "You edited it last.",
    }
