"""What pages say while the other system's change of a tool waits for a person's decision."""

import pytest

from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.parsing import tool_digest
from cases.tools.selectors import DOCUMENT_KIND
from cases.tools.types import CallState
from governance.approvals.models import ApprovalRequest
from governance.reviews import services as reviews
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.management.world import PASSWORD
from tests.cases.admin.conftest import Browser
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return

TOOL = "return_delivered_order_items"
BEFORE, AFTER = "a" * 64, "b" * 64
BANNER = "and nobody has decided on that yet."


def _upstream(document: dict[str, object], pin: str) -> dict[str, object]:
    return {
        **document,
        "upstream": {"source": "openapi", "name": "returnItems", "digest": pin, "says": {}},
    }


@pytest.fixture
def changed(retail: World) -> ChangeRequest:
    """Return the change of a tool that was imported, while a call of it waits for approval."""
    tool = ToolDefinition.objects.get(name=TOOL)
    document = dict(tool.document)
    was = _upstream(document, BEFORE)
    # As if it had been imported to begin with.
    ToolDefinition.objects.filter(pk=tool.pk).update(document=was, digest=tool_digest(was))
    waiting_return(retail)
    return reviews.open_change(
        actor=system("command"),
        now=clock.now(),
        kind=DOCUMENT_KIND,
        document_key=TOOL,
        title="Changed upstream",
        summary="",
        document=_upstream(document, AFTER),
    )


def test_every_page_of_it_says_why_it_waits_and_what_to_do(
    changed: ChangeRequest, browser: Browser
) -> None:
    call = ToolCall.objects.get(tool__name=TOOL)
    request = ApprovalRequest.objects.get()
    draft = f"/admin/imported-tools/{changed.public_id}/"
    operator, supervisor = browser("operator"), browser("supervisor")

    approval = supervisor.get(f"/admin/approvals/{request.public_id}/").content.decode()
    case = supervisor.get(f"/admin/cases/{call.case.public_id}/").content.decode()
    tool = operator.get(f"/admin/tools/{TOOL}/").content.decode()

    for page in (approval, case, tool):
        assert BANNER in page
        assert "runs by itself once somebody has decided" in page
        assert changed.label in page
    assert draft in tool
    assert "To go on: publish the change, refuse it, or withdraw it." in tool


def test_an_approved_call_says_that_it_is_held_and_for_what(
    changed: ChangeRequest, browser: Browser
) -> None:
    request = ApprovalRequest.objects.get()
    supervisor = browser("supervisor")
    ballot = {
        "choice": "approve",
        "reason": "Checked.",
        "action_digest": request.action_digest,
        "view_digest": request.view_digest,
    }
    supervisor.post(f"/admin/approvals/{request.public_id}/vote/", ballot)
    supervisor.post(f"/admin/approvals/{request.public_id}/step-up/", {"password": PASSWORD})
    call = ToolCall.objects.get(tool__name=TOOL)
    assert call.state == CallState.READY
    held = f"nobody has decided on that change ({changed.label}) yet"

    for page in (
        f"/admin/approvals/{request.public_id}/",
        f"/admin/approvals/{request.public_id}/outcome/",
        f"/admin/cases/{call.case.public_id}/",
    ):
        assert held in supervisor.get(page).content.decode(), page

    ChangeRequest.objects.filter(pk=changed.pk).update(state="withdrawn")
    for page in (f"/admin/approvals/{request.public_id}/", f"/admin/cases/{call.case.public_id}/"):
        shown = supervisor.get(page).content.decode()
        assert held not in shown
        assert BANNER not in shown
        assert "It is about to run." in shown


def test_a_centre_without_imported_tools_sees_nothing_of_it(
    retail: World, browser: Browser
) -> None:
    waiting_return(retail)

    shown = browser("supervisor").get(
        f"/admin/approvals/{ApprovalRequest.objects.get().public_id}/"
    )

    assert BANNER not in shown.content.decode()
