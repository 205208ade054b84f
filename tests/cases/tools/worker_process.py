"""A process that proposes one call and executes it, as a task would; killed where told.

Run by the fault tests with the settings of the tests on the database of the test that started
it: ``python -m tests.cases.tools.worker_process CASE AGENT``.
"""

import sys

import django

django.setup()

from cases.memory.models import Case  # noqa: E402  needs loaded apps
from cases.tools import registry  # noqa: E402  needs loaded apps
from cases.tools.adapters.simulated import SimulatedAdapter  # noqa: E402  needs loaded apps
from cases.tools.models import ToolCall  # noqa: E402  needs loaded apps
from cases.tools.selectors import get_tool  # noqa: E402  needs loaded apps
from cases.tools.services import Proposal, execute_call, propose  # noqa: E402  needs loaded apps
from governance.access.models import AgentIdentity  # noqa: E402  needs loaded apps
from governance.access.selectors import authority_of  # noqa: E402  needs loaded apps
from orchestra.core import clock, dispatch  # noqa: E402  needs loaded apps

TOOL = "cancel_pending_order"


def main(case_id: str, agent_id: str, order_id: str) -> None:
    """Propose the cancellation of an order, then execute what is ready."""
    if "simulated" not in registry.adapters:
        registry.adapters.register("simulated", SimulatedAdapter())
    if "cases.tools.execute" not in dispatch.task_names:
        dispatch.task_names.register("cases.tools.execute", "cases.tools.execute")
    case = Case.objects.select_related("queue", "customer").get(public_id=case_id)
    call = ToolCall.objects.filter(case=case).first()
    if call is None:
        call = propose(
            authority=authority_of(AgentIdentity.objects.get(public_id=agent_id).as_actor()),
            now=clock.now(),
            proposal=Proposal(
                case=case,
                tool=get_tool(name=TOOL),
                arguments={"order_id": order_id, "reason": "no longer needed"},
                confidence=0.9,
                margin=0.5,
            ),
        )
    sys.stdout.write(f"{execute_call(call_id=call.pk)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
