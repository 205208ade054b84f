"""Threshold, approval, execution, audit, replay: one refund from first word to proof."""

from uuid import UUID

import pytest

from governance.access.types import StepUpProof
from governance.approvals import selectors as approvals
from governance.approvals import services as voting
from governance.approvals.types import Ballot, RejectReason, VoteChoice
from governance.ledger import services as ledger
from orchestra.core import clock
from orchestra.core.errors import ConflictError, NotPermittedError
from orchestra.management.audit import audit_cases
from tests.flows.conftest import World
from tests.flows.helpers import waiting_return


def ballot_for(approval_id: str, **more: str) -> Ballot:
    request = approvals.find_by_public_id(UUID(approval_id))
    assert request is not None
    return Ballot(
        choice=VoteChoice(more.get("choice", "approve")),
        action_digest=more.get("action_digest", request.action_digest),
        view_digest=more.get("view_digest", request.view_digest),
        reason=more.get("reason", ""),
        reason_code=RejectReason(more["code"]) if "code" in more else None,
        proof=StepUpProof(at=clock.now(), method="test"),
    )


def test_what_is_approved_runs_once_and_is_proved(retail: World) -> None:
    case, call = waiting_return(retail)
    assert retail.store.total_effects() == 0
    approval = call["approval"]["id"]

    voting.cast_vote(
        actor=retail.people["supervisor"].as_actor(),
        now=clock.now(),
        request_id=UUID(approval),
        ballot=ballot_for(approval),
    )
    retail.work()

    after = retail.api.get(f"tool-calls/{call['id']}/").json()
    assert after["state"] == "succeeded"
    assert after["result"]["status"] == "return requested"
    assert after["confirmed"] is True
    assert retail.store.total_effects() == 1
    retail.work()
    assert retail.store.total_effects() == 1

    audit = audit_cases([case])
    assert audit.missing == ()
    assert audit.disagreeing == ()
    assert (audit.executed, audit.approved) == (2, 1)
    report = ledger.verify(now=clock.now())
    assert report.ok, report.problems


def test_a_rejection_runs_nothing_and_tells_the_agent_why(retail: World) -> None:
    _, call = waiting_return(retail)
    approval = call["approval"]["id"]
    voting.cast_vote(
        actor=retail.people["supervisor"].as_actor(),
        now=clock.now(),
        request_id=UUID(approval),
        ballot=ballot_for(
            approval, choice="reject", reason="Ask which vacuum cleaner.", code="wrong_amount"
        ),
    )
    retail.work()
    after = retail.api.get(f"tool-calls/{call['id']}/").json()
    assert after["state"] == "rejected"
    assert after["rejection"]["reason"] == "Ask which vacuum cleaner."
    assert after["rejection"]["code"] == "wrong_amount"
    assert after["rejection"]["by"] == retail.people["supervisor"].label
    assert [one["act"] for one in after["rejection"]["may_instead"]] == [
        "check_amount",
        "hand_over",
    ]
    assert retail.store.total_effects() == 0


@pytest.mark.parametrize("digest", ["action_digest", "view_digest"])
def test_a_vote_on_something_else_is_refused(retail: World, digest: str) -> None:
    _, call = waiting_return(retail)
    approval = call["approval"]["id"]
    with pytest.raises(ConflictError) as refused:
        voting.cast_vote(
            actor=retail.people["supervisor"].as_actor(),
            now=clock.now(),
            request_id=UUID(approval),
            ballot=ballot_for(approval, **{digest: "0" * 64}),
        )
    assert refused.value.error_code == "approval.stale"
    assert retail.api.get(f"tool-calls/{call['id']}/").json()["state"] == "awaiting_approval"


def test_the_agents_owner_may_not_vote(retail: World) -> None:
    _, call = waiting_return(retail)
    approval = call["approval"]["id"]
    owner = retail.people["operator"]
    with pytest.raises(NotPermittedError):
        voting.cast_vote(
            actor=owner.as_actor(),
            now=clock.now(),
            request_id=UUID(approval),
            ballot=ballot_for(approval),
        )
