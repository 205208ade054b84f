"""How often a governed action commits, over REST and by the worker, from proposal to outcome."""

import pytest

from benchmarks.counting import Meter, Server
from cases.tools.models import ToolCall
from cases.tools.services import execute_call
from tests.flows.conftest import World
from tests.flows.helpers import agreed_address, propose_address
from tests.flows.test_people_over_rest import ballot, sign_in

pytestmark = pytest.mark.django_db(transaction=True)

#: The claim of the key, since the facts are then read over the network; the intent with its answer.
#: A proposal that itself finishes the step of the customer's yes commits that as well.
PROPOSE = 2
#: The key, the vote, the end of the request, the call made ready, the answer.
VOTE = 1
#: The claim before the sending, the outcome after it.
EXECUTE = 2


def complete(world: World, case: str, key: str) -> None:
    """Finish a step of the case that stands ready."""
    journeys = world.api.get(f"cases/{case}/steps/").json()["journeys"]
    (step,) = [
        step
        for journey in journeys
        for step in journey["steps"]
        if (step["key"], step["state"]) == (key, "ready")
    ]
    answer = world.api.post(f"cases/{case}/steps/{step['id']}/complete/", {})
    assert answer.status_code == 200, answer.content


def test_an_action_is_five_commits(retail: World) -> None:
    supervisor = sign_in(retail, "supervisor")
    meter = Meter(Server(None))
    case, evidence = agreed_address(retail)
    complete(retail, case, "agree")
    with meter.stretch("propose"):
        proposed = propose_address(retail, case, evidence)
    assert proposed.status_code == 202, proposed.content
    approval = proposed.json()["approval"]["id"]
    sent = ballot(supervisor, approval)
    with meter.stretch("vote"):
        answer = supervisor.post(f"approvals/{approval}/vote/", sent)
    assert answer.json()["state"] == "granted", answer.content
    call = ToolCall.objects.get(approval_id_text=approval)
    with meter.stretch("execute"):
        assert execute_call(call_id=call.pk) == "succeeded"
    seen = {name: tally.commits for name, (tally,) in meter.stretches.items()}
    assert seen == {"propose": PROPOSE, "vote": VOTE, "execute": EXECUTE}
