"""One vote and the work it allows, or one edit, as a person and then a worker do them."""

from uuid import UUID

from cases.tools.models import ToolCall
from cases.tools.services import EditDraft, edit, execute_call
from governance.access.models import User
from governance.access.types import StepUpProof
from governance.approvals.models import ApprovalRequest
from governance.approvals.services import cast_vote
from governance.approvals.types import Ballot, RejectReason, VoteChoice
from orchestra.core import clock
from orchestra.core.errors import OrchestraError


def vote_and_work(approval_id: str, voter: str, choice: str) -> str:
    """Vote on what the request shows now, then do what a worker would.

    Returns:
        The code of the vote's refusal, or the state of the call.
    """
    request = ApprovalRequest.objects.get(public_id=approval_id)
    ballot = Ballot(
        choice=VoteChoice(choice),
        action_digest=request.action_digest,
        view_digest=request.view_digest,
        reason="seen",
        reason_code=RejectReason.OTHER,
        proof=StepUpProof(at=clock.now(), method="test"),
    )
    actor = User.objects.get(username=voter).as_actor()
    try:
        cast_vote(actor=actor, now=clock.now(), request_id=UUID(approval_id), ballot=ballot)
    except OrchestraError as error:
        return error.error_code
    call = ToolCall.objects.get(approval_id_text=approval_id)
    execute_call(call_id=call.pk)
    call.refresh_from_db()
    return call.state


def edit_it(approval_id: str, editor: str) -> str:
    """Edit the call of a request; return the refusal's code, or the state of the new call."""
    call = ToolCall.objects.get(approval_id_text=approval_id)
    draft = EditDraft(
        arguments={**call.arguments, "reason": "ordered by mistake"},
        digest=call.action_digest,
        reason="The customer said so.",
    )
    actor = User.objects.get(username=editor).as_actor()
    try:
        edited = edit(actor=actor, now=clock.now(), call_id=call.public_id, draft=draft)
    except OrchestraError as error:
        return error.error_code
    return edited.state
