"""What the database itself refuses, whatever a service forgets."""

import pytest
from django.db import IntegrityError, transaction

from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.types import CallState
from tests.cases.tools.conftest import NOW, World

OPEN = [
    "proposed",
    "awaiting_verification",
    "awaiting_approval",
    "ready",
    "executing",
    "unknown",
]


def twin_of(call: ToolCall, state: str) -> ToolCall:
    """The same proposal once more, as a service that did not look would write it."""
    twin = ToolCall.objects.get(pk=call.pk)
    twin.pk, twin.public_id, twin.state = None, ToolCall().public_id, state
    twin.effect_key = "f" * 64
    return twin


@pytest.mark.parametrize("state", OPEN)
def test_one_open_call_of_the_same_proposal(world: World, state: str) -> None:
    call = world.propose()
    with pytest.raises(IntegrityError), transaction.atomic():
        twin_of(call, state).save()
    assert ToolCall.objects.count() == 1


def test_an_ended_call_stands_in_nobodys_way(world: World) -> None:
    call = world.propose()
    assert world.execute(call) == CallState.SUCCEEDED
    twin_of(call, "ready").save()
    assert ToolCall.objects.count() == 2


def test_an_effect_key_and_an_attempts_number_are_used_once(world: World) -> None:
    call = world.propose()
    world.execute(call)
    twin = twin_of(call, "ready")
    twin.effect_key = call.effect_key
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        ToolAttempt.objects.create(call=call, number=1, started_at=NOW)
    assert (ToolCall.objects.count(), ToolAttempt.objects.count()) == (1, 1)
