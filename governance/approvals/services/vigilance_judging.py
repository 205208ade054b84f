"""End a test of attention with the first vote, say what it was, and open its seal."""

from datetime import datetime

from django.utils.translation import gettext as _

from governance.access.models import User
from governance.approvals import entries
from governance.approvals.models import ApprovalRequest, ApprovalVote, VigilanceTest
from governance.approvals.services.locked import APPROVALS, end_request
from governance.approvals.types import VIGILANCE, ApprovalState, VigilanceResult, VoteChoice
from governance.ledger import services as ledger
from governance.ledger.types import EntryDraft
from orchestra.core.actors import system
from orchestra.core.locking import lock_one

SYSTEM = system("vigilance")


def end_test(request: ApprovalRequest, *, now: datetime, choice: VoteChoice) -> None:
    """End a locked test with the vote just cast: rejected, or voided; it is never granted.

    The first vote ends it whatever the quorum, since its voter is told what it was.
    """
    test = VigilanceTest.objects.get(request=request)
    is_caught = choice is VoteChoice.REJECT
    reason = _told(test, is_caught=is_caught)
    end_request(
        request,
        actor=APPROVALS,
        now=now,
        state=ApprovalState.REJECTED if is_caught else ApprovalState.VOIDED,
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
