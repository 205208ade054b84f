"""Follow up that people, or an AI agent, hold less than before."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.access.selectors import authorities_of
from governance.access.types import Authority, Lost, LostBy
from governance.approvals import entries, rules
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.registry import handlers
from governance.approvals.selectors import is_claimed, standing_of, with_votes
from governance.approvals.services.ending import REASON_LENGTH, void_locked
from governance.approvals.services.locked import APPROVALS, record
from governance.approvals.types import ApprovalState
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.locking import compare_and_set, lock

_OPEN = (ApprovalState.PENDING, ApprovalState.GRANTED)


def authority_lost(actor: Actor, now: datetime, what: Lost) -> None:
    """Stop what stood on authority that is gone, in the transaction in which it goes.

    What a disabled AI agent waits for is voided. Of a person who may no longer vote on a
    request, the claim is given back and the vote stops counting; a grant that is not used yet
    and lacks a vote now is voided at once, not only when it is to run. Nothing is ever
    approved by this.

    Args:
        actor: Who took the authority, or the system where its time was over.
        now: The moment of the act.
        what: Who holds less, and how it went.
    """
    if what.agent:
        _void_waiting(now, what)
    else:
        _follow_people(actor, now, what)


def _void_waiting(now: datetime, what: Lost) -> None:
    """Void what a disabled AI agent waits for; one that lost a queue is judged as it runs."""
    if what.by is not LostBy.DISABLED:
        return
    asked = Q(requester_kind=ActorKind.AGENT, requester_id=what.agent)
    reason = _("The AI agent %(agent)s was disabled.") % {"agent": what.label}
    for request in _lock_open(asked):
        void_locked(request, actor=APPROVALS, now=now, reason=reason)


def _follow_people(actor: Actor, now: datetime, what: Lost) -> None:
    concerns = Q(votes__voter__public_id__in=what.people, votes__discounted_at=None) | Q(
        claimed_by__public_id__in=what.people
    )
    requests = _lock_open(concerns)
    people = {
        *what.people,
        *(str(one.voter.public_id) for each in requests for one in _votes(each)),
    }
    authorities = authorities_of(people) if requests else {}
    for request in requests:
        _give_back(request, actor, now, what, authorities)
        _discount(request, now, what, authorities)


def _lock_open(which: Q) -> list[ApprovalRequest]:
    """Lock the open requests concerned: their cases first, then themselves, each in order."""
    found = list(
        ApprovalRequest.objects.filter(which, state__in=_OPEN)
        .values_list("case_public_id", "subject_kind", "pk")
        .distinct()
        .order_by("case_public_id", "pk")
    )
    for case_public_id, subject_kind in dict.fromkeys(one[:2] for one in found):
        handlers.get(subject_kind).lock(case_public_id)
    rows = ApprovalRequest.objects.filter(pk__in=[one[2] for one in found], state__in=_OPEN)
    rows = with_votes(rows.select_related("queue", "claimed_by"))
    return lock(rows)


def _votes(request: ApprovalRequest) -> Iterable[ApprovalVote]:
    return request.votes.all()


def _give_back(
    request: ApprovalRequest,
    actor: Actor,
    now: datetime,
    what: Lost,
    authorities: Mapping[str, Authority],
) -> None:
    holder = request.claimed_by
    if holder is None or str(holder.public_id) not in what.people:
        return
    if not is_claimed(request, now):
        return
    authority = authorities[str(holder.public_id)]
    if rules.may_hold(standing=standing_of(request), authority=authority):
        return
    compare_and_set(
        request,
        expected={"claimed_by_id": holder.pk},
        changes={"claimed_by": None, "claimed_until_at": None},
        actor=actor,
    )
    payload = {"holder": holder.label, "reason": _why(what)}
    record(request, actor=actor, now=now, kind=entries.RELEASED, payload=payload)


def _discount(
    request: ApprovalRequest, now: datetime, what: Lost, authorities: Mapping[str, Authority]
) -> None:
    standing = standing_of(request)
    lost = rules.lost_voters(standing=standing, authorities=authorities, among=what.people)
    if not lost:
        return
    votes = [one for one in _votes(request) if str(one.voter.public_id) in lost]
    reason = _why(what)
    for vote in votes:
        compare_and_set(
            vote,
            expected={"discounted_at": None},
            changes={"discounted_at": now, "discounted_reason": reason[:REASON_LENGTH]},
            actor=APPROVALS,
        )
        payload = {"voter": vote.voter.label, "reason": reason}
        record(request, actor=APPROVALS, now=now, kind=entries.VOTE_DISCOUNTED, payload=payload)
    kept = rules.still_eligible(standing=standing, authorities=authorities)
    if request.state == ApprovalState.GRANTED and not rules.has_quorum(kept):
        names = ", ".join(vote.voter.label for vote in votes)
        message = _("The vote of %(who)s no longer counts: %(why)s It has to be asked again.") % {
            "who": names,
            "why": reason,
        }
        void_locked(request, actor=APPROVALS, now=now, reason=message)


def _why(what: Lost) -> str:
    if what.by is LostBy.DISABLED:
        return _("Their access was disabled.")
    if what.by is LostBy.ENDED:
        return _("What allowed them to vote ended.")
    return _("What allowed them to vote was taken from them.")
