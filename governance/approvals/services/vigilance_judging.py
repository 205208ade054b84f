"""End a test of attention with the first vote, say what it was, and open its seal."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.access import rules
from governance.access.models import User
from governance.access.types import Capability
from governance.approvals import entries
from governance.approvals.models import ApprovalRequest, ApprovalVote, VigilanceTest
from governance.approvals.services.locked import (
    APPROVALS,
    check_state,
    end_request,
    lock_visible,
)
from governance.approvals.types import VIGILANCE, ApprovalState, VigilanceResult, VoteChoice
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, system
from orchestra.core.errors import ConflictError, NotPermittedError
from orchestra.core.locking import lock_one

SYSTEM = system("vigilance")
#: Who edits what waits in a queue holds one of these there.
_EDITING = (Capability.APPROVAL_VOTE, Capability.TOOL_PROPOSE)


def end_edited_test(*, actor: Actor, now: datetime, request_id: UUID) -> ApprovalRequest:
    """End a test of attention that somebody tries to edit, and say what it was.

    Nothing stands behind it that could be edited. An edit is no vote, so it counts neither as
    caught nor as missed.

    Raises:
        NotFoundError: There is no such test, or the actor may not know of it.
        NotPermittedError: The actor neither votes nor proposes in its queue.
        ConflictError: It does not wait any more.
    """
    with ledger.one_act():
        request, authority = lock_visible(actor=actor, public_id=request_id, subject_kind=VIGILANCE)
        if not any(rules.may(authority, one, request.queue_id) for one in _EDITING):
            raise NotPermittedError(_("You do not edit what waits in this queue."))
        check_state(request, ApprovalState.PENDING)
        if now >= request.deadline_at:
            raise ConflictError(_("Its time to be decided is over."), code="approval.expired")
        test = VigilanceTest.objects.get(request=request)
        told = _("This was a test of attention. Nothing was edited. What gave it away: %(sign)s.")
        _end(
            request,
            actor=actor,
            now=now,
            state=ApprovalState.VOIDED,
            reason=told % {"sign": test.sign},
        )
    return request


def end_test(request: ApprovalRequest, *, now: datetime, choice: VoteChoice) -> None:
    """End a locked test with the vote just cast: rejected, or voided; it is never granted.

    The first vote ends it whatever the quorum, since its voter is told what it was.
    """
    test = VigilanceTest.objects.get(request=request)
    is_caught = choice is VoteChoice.REJECT
    _end(
        request,
        actor=APPROVALS,
        now=now,
        state=ApprovalState.REJECTED if is_caught else ApprovalState.VOIDED,
        reason=_told(test, is_caught=is_caught),
    )


def _end(
    request: ApprovalRequest, *, actor: Actor, now: datetime, state: ApprovalState, reason: str
) -> None:
    end_request(
        request,
        actor=actor,
        now=now,
        state=state,
        changes={
            "decided_at": now,
            "ended_reason": reason[:500],
            "claimed_by": None,
            "claimed_until_at": None,
        },
        payload={"reason": reason},
    )


def _told(test: VigilanceTest, *, is_caught: bool) -> str:
    words = {"sign": test.sign}
    if is_caught:
        return _("This was a test of attention, and you caught it: %(sign)s.") % words
    return _("This was a test of attention. Nothing ran. What gave it away: %(sign)s.") % words


def judge(request: ApprovalRequest, now: datetime) -> None:
    """Record how a test went, in the transaction that ends its request."""
    test = lock_one(VigilanceTest.objects.filter(request=request).select_related("queue", "model"))
    if test.result != VigilanceResult.OPEN:
        return
    vote = ApprovalVote.objects.filter(request=request).order_by("pk").first()
    test.result = _result(request, vote.choice if vote else None)
    test.judged_at = now
    test.judged_by = User.objects.get(pk=vote.voter_id) if vote else None
    test.save(update_fields=["result", "judged_at", "judged_by"])
    ledger.append_entry(
        actor=SYSTEM,
        now=now,
        draft=EntryDraft(
            stream=f"vigilance:{test.public_id}",
            kind=entries.VIGILANCE_JUDGED,
            payload={
                "approval": request.label,
                "request": str(request.public_id),
                "queue": test.queue.title,
                "result": str(test.result),
                "template": test.template,
                "model": str(test.model.public_id),
                "sign": test.sign,
                "seed": test.seed,
                "salt": test.salt,
                "commitment": test.commitment,
            },
            subject_kind=VIGILANCE,
            subject_id=str(test.public_id),
        ),
    )


def _result(request: ApprovalRequest, choice: str | None) -> VigilanceResult:
    if choice is None:
        return VigilanceResult.EXPIRED
    is_rejected = request.state == ApprovalState.REJECTED and choice == VoteChoice.REJECT
    return VigilanceResult.CAUGHT if is_rejected else VigilanceResult.MISSED


def lock_nothing(case_public_id: str) -> None:
    """Lock no case: a test belongs to none."""
    del case_public_id
