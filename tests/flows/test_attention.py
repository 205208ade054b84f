"""A test of attention made from a real request: ordinary to look at, and nothing runs."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import LazySettings

from cases.tools.models import ToolCall
from governance.access.models import Queue
from governance.access.types import StepUpProof
from governance.approvals import selectors, services
from governance.approvals.models import ApprovalRequest, VigilanceTest
from governance.approvals.types import ApprovalState, Ballot, VoteChoice
from orchestra.core import clock
from tests.factories.vigilance import switch_on
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return
from tests.governance.admin.test_changes import sign_in, text_of


def vote(world: World, login: str, request: ApprovalRequest) -> ApprovalRequest:
    now = clock.now()
    return services.cast_vote(
        actor=world.people[login].as_actor(),
        now=now,
        request_id=request.public_id,
        ballot=Ballot(
            choice=VoteChoice.APPROVE,
            action_digest=request.action_digest,
            view_digest=request.view_digest,
            proof=StepUpProof(at=now, method="test"),
        ),
    )


def placed(queue: Queue, monkeypatch: Any) -> ApprovalRequest:
    """A test that follows the request in the queue, whatever the draw."""
    monkeypatch.setattr("governance.approvals.vigilance.is_drawn", lambda **_about: True)
    switch_on(queue, clock.now())
    queue.vigilance.refresh_from_db()
    type(queue.vigilance).objects.update(cursor=0)
    assert services.plant_due(now=clock.now(), batch=10) == 1
    test = VigilanceTest.objects.get()
    VigilanceTest.objects.update(place_at=clock.now() - timedelta(seconds=1))
    assert services.place_due(now=clock.now(), batch=10) == 1
    test.refresh_from_db()
    assert test.request is not None
    return test.request


def test_its_page_tells_nothing_of_what_came_of_its_model(
    retail: World, settings: LazySettings, monkeypatch: Any
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "VIGILANCE_ALLOWED": True}
    _case, call = waiting_return(retail)
    model = selectors.find_by_public_id(UUID(call["approval"]["id"]))
    assert model is not None
    vote(retail, "supervisor", model)
    retail.work()
    calls, writes = ToolCall.objects.count(), len(ToolCall.objects.filter(state="succeeded"))
    request = placed(model.queue, monkeypatch)
    client = sign_in(retail.people["colleague"])
    page = text_of(client, f"/admin/approvals/{request.public_id}/")
    assert "voted to approve" not in page
    assert "I want to return the vacuum cleaner" in page
    assert (
        f"/admin/decisions/{ToolCall.objects.get(public_id=call['id']).decision.public_id}" in page
    )
    assert vote(retail, "colleague", request).state == ApprovalState.VOIDED
    retail.work()
    assert ToolCall.objects.count() == calls
    assert len(ToolCall.objects.filter(state="succeeded")) == writes
    told = text_of(client, f"/admin/approvals/{request.public_id}/")
    assert "This was a test of attention. Nothing ran." in told
