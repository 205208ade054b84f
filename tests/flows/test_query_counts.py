"""What a governed action asks the database, and that it asks no more where more is stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.tools.models import ToolCall
from cases.tools.services import execute_call
from governance.access.types import StepUpProof
from governance.approvals import selectors as approvals
from governance.approvals import services as voting
from governance.approvals.types import Ballot, VoteChoice
from orchestra.core import clock
from tests.factories.ledger import spared
from tests.flows.conftest import World
from tests.flows.helpers import agree, identify, open_case, propose_return, waiting_return

#: From the request to its answer, token and key included: a write that waits for a person. Ten
#: of them finish the step that the cited yes confirms, in an act of its own; one asks for stops.
PROPOSE = 37
#: The last vote that a request needs; one of them holds the voter, so that nobody disables them
#: meanwhile.
VOTE = 15
#: Decide again, claim, send, write the outcome, bring the journey on; one asks for stops between
#: the claim, which asks in its own statement, and the sending. The first of a customer makes the
#: rows that its limits lock.
EXECUTE = 38


@contextmanager
def counting(seen: dict[str, int], name: str) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    # Transactions here are savepoints of the test's own.
    seen[name] = sum("SAVEPOINT" not in query["sql"] for query in captured)


def count_action(world: World) -> dict[str, int]:
    seen: dict[str, int] = {}
    case = open_case(world)
    identify(world, case)
    said = agree(world, case)
    with counting(seen, "propose"):
        answer = propose_return(world, case, evidence=said)
    assert answer.json()["state"] == "awaiting_approval", answer.content
    request = approvals.find_by_public_id(UUID(answer.json()["approval"]["id"]))
    assert request is not None
    ballot = Ballot(
        choice=VoteChoice.APPROVE,
        action_digest=request.action_digest,
        view_digest=request.view_digest,
        reason="",
        proof=StepUpProof(at=clock.now(), method="test"),
    )
    supervisor = world.people["supervisor"].as_actor()
    with counting(seen, "vote"):
        voting.cast_vote(
            actor=supervisor, now=clock.now(), request_id=request.public_id, ballot=ballot
        )
    call = ToolCall.objects.get(public_id=answer.json()["id"])
    with counting(seen, "execute"):
        state = execute_call(call_id=call.pk)
    assert state == "succeeded"
    return seen


@pytest.mark.parametrize("others", [0, 6])
def test_an_action_costs_the_same_whatever_else_is_stored(retail: World, others: int) -> None:
    waiting_return(retail)  # What waits for a person locks no row of a limit, and makes none.
    for number in range(others):
        case = open_case(retail, external_ref=f"other-{number}")
        identify(retail, case)
        agree(retail, case)
    assert count_action(retail) == {
        "propose": PROPOSE - spared(acts=2),
        "vote": VOTE - spared(),
        "execute": EXECUTE - spared(acts=2),
    }
