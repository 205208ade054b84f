"""A change is proposed once; its repeats get what became of it."""

from typing import Any

import pytest

from cases.journeys import services
from cases.memory.models import Case
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.access import services as services_of_access
from governance.access.models import AgentIdentity
from governance.approvals.types import VoteChoice
from orchestra.core.errors import NotPermittedError
from tests.factories.access import make_agent
from tests.factories.races import race
from tests.factories.retail import CANCEL, OLIVIA, SMALL, Centre

TOOL = "cancel_pending_order"


def propose(centre: Centre, case: Case, *, key: str = "", **changes: Any) -> services.Answered:
    wanted: dict[str, Any] = {
        "tool": TOOL,
        "arguments": CANCEL,
        "confidence": 0.99,
        "margin": 0.9,
        **changes,
    }
    return services.propose_once(
        actor=wanted.pop("actor", centre.agent),
        case=Case.objects.select_related("queue", "customer").get(pk=case.pk),
        request=services.ProposalRequest(**wanted),
        key=key,
        read_clock=centre.clock,
    )


@pytest.fixture
def agreed(centre: Centre, case: Case) -> tuple[str, ...]:
    centre.identify(case)
    return centre.agree(case)


def changes_of(case: Case) -> int:
    return ToolCall.objects.filter(case=case, tool__name=TOOL).count()


def test_a_repeat_attaches_while_it_waits_and_gets_the_outcome_afterwards(
    centre: Centre, case: Case, agreed: tuple[str, ...]
) -> None:
    first = propose(centre, case, evidence=agreed)
    assert (first.call.state, first.is_repeat) == (CallState.AWAITING_APPROVAL, False)
    waiting = propose(centre, case, evidence=agreed[::-1], rationale="said otherwise")
    assert (waiting.call.pk, waiting.is_repeat) == (first.call.pk, True)
    centre.vote(first.call, "maren", VoteChoice.APPROVE)
    centre.work()
    over = propose(centre, case, evidence=agreed, confidence=0.7)
    assert (over.call.pk, over.call.state, over.is_repeat) == (
        first.call.pk,
        CallState.SUCCEEDED,
        True,
    )
    assert changes_of(case) == 1


def test_a_rejection_is_told_again_and_asks_nobody_twice(
    centre: Centre, case: Case, agreed: tuple[str, ...]
) -> None:
    first = propose(centre, case, evidence=agreed)
    centre.vote(first.call, "maren", VoteChoice.REJECT)
    again = propose(centre, case, evidence=agreed)
    assert (again.call.pk, again.call.state) == (first.call.pk, CallState.REJECTED)
    assert changes_of(case) == 1


def test_a_key_makes_the_same_once_more_and_is_a_key_itself(
    centre: Centre, case: Case, agreed: tuple[str, ...]
) -> None:
    first = propose(centre, case, evidence=agreed)
    centre.vote(first.call, "maren", VoteChoice.REJECT)
    second = propose(centre, case, evidence=agreed, key="two")
    assert (second.call.pk != first.call.pk, second.is_repeat) == (True, False)
    centre.vote(second.call, "maren", VoteChoice.REJECT)
    third = propose(centre, case, evidence=agreed, key="two")
    assert (third.call.pk, third.is_repeat) == (second.call.pk, True)
    assert changes_of(case) == 2


def test_other_grounds_make_another_call(
    centre: Centre, case: Case, agreed: tuple[str, ...]
) -> None:
    first = propose(centre, case, evidence=agreed)
    centre.vote(first.call, "maren", VoteChoice.REJECT)
    other = propose(centre, case, evidence=centre.agree(case))
    assert (other.call.pk != first.call.pk, other.is_repeat) == (True, False)


def test_what_was_denied_at_once_is_decided_anew(centre: Centre, case: Case) -> None:
    centre.identify(case)
    denied = [propose(centre, case, arguments=SMALL) for _time in range(3)]
    assert [one.call.state for one in denied] == [CallState.DENIED] * 3
    assert [one.is_repeat for one in denied] == [False] * 3
    assert len({one.call.pk for one in denied}) == 3


def test_a_read_is_always_new(centre: Centre, case: Case) -> None:
    centre.identify(case)
    asked = {"tool": "get_order_details", "arguments": {"order_id": CANCEL["order_id"]}}
    reads = [propose(centre, case, **asked) for _time in range(2)]
    assert [one.call.state for one in reads] == [CallState.SUCCEEDED] * 2
    assert reads[0].call.pk != reads[1].call.pk
    assert [one.is_repeat for one in reads] == [False, False]


def test_another_agent_gets_nothing_of_it(
    centre: Centre, case: Case, agreed: tuple[str, ...]
) -> None:
    first = propose(centre, case, evidence=agreed)
    centre.vote(first.call, "maren", VoteChoice.REJECT)
    other = make_agent("Second bot", queues=[case.queue])
    found = propose(centre, case, evidence=agreed, actor=other.as_actor())
    assert (found.call.pk != first.call.pk, found.is_repeat) == (True, False)


def test_who_may_not_propose_is_told_nothing(
    centre: Centre, case: Case, agreed: tuple[str, ...]
) -> None:
    propose(centre, case, evidence=agreed)
    stranger = make_agent("Elsewhere", queues=[])
    with pytest.raises(NotPermittedError):
        propose(centre, case, evidence=agreed, actor=stranger.as_actor())
    assert changes_of(case) == 1


def test_who_may_not_propose_any_more_is_told_nothing_of_a_repeat(
    centre: Centre, case: Case, agreed: tuple[str, ...]
) -> None:
    first = propose(centre, case, evidence=agreed)
    agent = AgentIdentity.objects.get(public_id=centre.agent.id)
    services_of_access.stop_agent(
        actor=centre.people["petra"].as_actor(), now=centre.clock(), agent=agent, reason="Loops."
    )
    with pytest.raises(NotPermittedError):
        propose(centre, case, evidence=agreed)
    first.call.refresh_from_db()
    assert changes_of(case) == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_and_workers_between_them_make_one_call(centre: Centre, case: Case) -> None:
    """Each thread proposes the same and works what is due, so some come after the end of it."""
    centre.identify(case, OLIVIA)
    said = centre.agree(case)

    def propose_and_work() -> None:
        propose(centre, case, arguments=SMALL, evidence=said)
        centre.work()

    assert race([propose_and_work] * 4) == {"ok": 4}

    centre.work()
    call = ToolCall.objects.get(case=case, tool__name=TOOL)
    assert (call.state, call.attempt) == (CallState.SUCCEEDED, 1)
