"""What waits for whom, and how one request stands."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from governance.access.models import User
from governance.access.selectors import list_eligible_voters, readable_queue_ids
from governance.access.types import Authority, Capability
from governance.approvals import rules
from governance.approvals.batch import BatchItem
from governance.approvals.inbox_conditions import narrow
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.standing_in import stand_ins_of, with_stand_ins
from governance.approvals.types import (
    VIGILANCE,
    ApprovalState,
    CastVote,
    InboxFilter,
    Rejection,
    RejectReason,
    Standing,
    Verdict,
    VoteChoice,
)
from governance.policies.types import RiskLevel
from orchestra.core.actors import ActorKind
from orchestra.core.canonical import loads_strict
from orchestra.core.errors import NotFoundError
from orchestra.core.prepared import Prepared, fill

BY_DEADLINE = ("deadline_at", "-risk_rank", "id")
BY_RISK = ("-risk_rank", "deadline_at", "id")
HELD_WITH = ("queue", "claimed_by", "handed_to", "handed_by")


def with_votes(rows: QuerySet[ApprovalRequest]) -> QuerySet[ApprovalRequest]:
    """Return requests that bring their votes and voters along, in one further query.

    Who stands in for somebody who may not vote comes with the requests themselves.
    """
    return with_stand_ins(rows).prefetch_related(
        Prefetch("votes", ApprovalVote.objects.select_related("voter").order_by("pk"))
    )


def standing_of(request: ApprovalRequest) -> Standing:
    """Return all of a request that the voting rules look at.

    Without a further query where votes and voters were fetched ahead, as the selectors do.
    """
    return Standing(
        state=ApprovalState(request.state),
        queue_id=request.queue_id,
        action_digest=request.action_digest,
        view_digest=request.view_digest,
        votes_needed=request.votes_needed,
        roles=frozenset(request.roles),
        distinct_roles=request.distinct_roles,
        step_up=request.step_up,
        barred=dict(request.barred),
        deadline_at=request.deadline_at,
        execute_by_at=request.execute_by_at,
        requester_id=request.requester_id,
        stand_ins=rules.name_stand_ins(
            given=stand_ins_of(request),
            requester_id=request.requester_id,
            requester_label=request.requester_label,
        ),
        votes=tuple(
            CastVote(
                voter_id=str(vote.voter.public_id),
                choice=VoteChoice(vote.choice),
                roles=frozenset(vote.roles),
                counts=vote.counts,
            )
            for vote in request.votes.all()
        ),
    )


def batch_item_of(request: ApprovalRequest) -> BatchItem:
    """Return all of a request that decides whether it may stand in a batch."""
    return BatchItem(
        name=request.label,
        queue_id=request.queue_id,
        tool=request.tool,
        rule=request.rule,
        risk=RiskLevel(request.risk),
        votes_needed=request.votes_needed,
        step_up=request.step_up,
    )


def count_approvals(request: ApprovalRequest) -> int:
    """Return how many approving votes count so far."""
    return sum(vote.choice == VoteChoice.APPROVE and vote.counts for vote in request.votes.all())


def view_of(request: ApprovalRequest) -> dict[str, Any]:
    """Return what the approver is shown, as it was bound."""
    view: dict[str, Any] = loads_strict(bytes(request.view))
    return view


def verdict_on(*, authority: Authority, request: ApprovalRequest, now: datetime) -> Verdict:
    """Return whether an actor may approve a request now, and why not."""
    return rules.may_vote(standing=standing_of(request), authority=authority, now=now)


def is_claimed(request: ApprovalRequest, now: datetime) -> bool:
    """Return whether somebody holds the request at this moment."""
    return request.claimed_until_at is not None and request.claimed_until_at > now


def list_visible(*, authority: Authority) -> QuerySet[ApprovalRequest]:
    """Return the requests an actor may see, with queue, holders, votes and voters."""
    queues = readable_queue_ids(authority, Capability.APPROVAL_READ)
    rows = with_votes(ApprovalRequest.objects.select_related(*HELD_WITH))
    if authority.actor.kind is ActorKind.AGENT:
        rows = real(rows)
    return rows if queues is None else rows.filter(queue_id__in=queues)


def real(rows: QuerySet[ApprovalRequest]) -> QuerySet[ApprovalRequest]:
    """Return requests without tests of attention: for every count of work, and for AI agents.

    Lists that people vote from keep them, or they could be told by their absence.
    """
    return rows.exclude(subject_kind=VIGILANCE)


_BY_ID: Prepared[ApprovalRequest] = Prepared(
    lambda public_id: with_stand_ins(
        ApprovalRequest.objects.select_related(*HELD_WITH).filter(public_id=public_id)
    )
)
_BY_IDS: Prepared[ApprovalRequest] = Prepared(
    lambda public_ids: with_stand_ins(
        ApprovalRequest.objects.select_related(*HELD_WITH).filter(public_id__in=public_ids)
    ).order_by("pk")
)
_LOCKED: Prepared[ApprovalRequest] = Prepared(
    lambda pk: with_stand_ins(ApprovalRequest.objects.select_related("queue").filter(pk=pk)),
    locks=True,
)
_LOCKED_BY_ID: Prepared[ApprovalRequest] = Prepared(
    lambda public_id: with_stand_ins(ApprovalRequest.objects.filter(public_id=public_id)),
    locks=True,
)


def _votes(requests: Sequence[int]) -> QuerySet[ApprovalVote]:
    rows = ApprovalVote.objects.select_related("voter").filter(request_id__in=requests)
    return rows.order_by("pk")


_VOTES: Prepared[ApprovalVote] = Prepared(_votes)


def bring_votes(requests: Sequence[ApprovalRequest]) -> None:
    """Give requests their votes and voters, in one query, as ``with_votes`` does."""
    if requests:
        give_votes(requests, _VOTES.rows(fill([one.pk for one in requests])))


def give_votes(requests: Sequence[ApprovalRequest], rows: Iterable[ApprovalVote]) -> None:
    """Give requests their votes and voters, of all votes cast on them in their order."""
    of_request: dict[int, list[ApprovalVote]] = {one.pk: [] for one in requests}
    for vote in rows:
        of_request[vote.request_id].append(vote)
    for request in requests:
        votes: Any = request.votes.all()
        votes._result_cache = of_request[request.pk]  # noqa: SLF001  what Django's own fetching ahead fills
        votes._prefetch_done = True  # noqa: SLF001  see above
        request.__dict__["_prefetched_objects_cache"] = {"votes": votes}


def lock_with_votes(pk: int) -> ApprovalRequest:
    """Lock a request whose case is locked, and return it with its queue, votes and voters."""
    [request] = _LOCKED.rows(pk)
    bring_votes([request])
    return request


def lock_by_public_id(public_id: UUID) -> ApprovalRequest:
    """Lock a request whose case is locked, and return it with its votes and voters."""
    [request] = _LOCKED_BY_ID.rows(public_id)
    bring_votes([request])
    return request


def may_see(authority: Authority, request: ApprovalRequest) -> bool:
    """Return whether an actor may know of a request: what ``list_visible`` filters by."""
    if authority.actor.kind is ActorKind.AGENT and request.subject_kind == VIGILANCE:
        return False
    queues = readable_queue_ids(authority, Capability.APPROVAL_READ)
    return queues is None or request.queue_id in queues


def get_request(*, authority: Authority, request_id: UUID) -> ApprovalRequest:
    """Return one request an actor may see.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
    """
    request = get_without_votes(authority=authority, request_id=request_id)
    bring_votes([request])
    return request


def get_without_votes(*, authority: Authority, request_id: UUID) -> ApprovalRequest:
    """Return the request of ``get_request`` for who reads the votes with something else.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
    """
    request = _BY_ID.first(request_id)
    if request is None or not may_see(authority, request):
        raise NotFoundError(_("There is no such approval."), code="approval.not_found")
    return request


def votes_on(request: ApprovalRequest) -> QuerySet[ApprovalVote]:
    """Return the votes on a request with who cast them, oldest first."""
    return _votes([request.pk])


def find_by_public_id(request_id: UUID) -> ApprovalRequest | None:
    """Return a request whoever asks, or None: for callers that show it inside what may be seen."""
    rows = with_votes(ApprovalRequest.objects.select_related(*HELD_WITH))
    return rows.filter(public_id=request_id).first()


def list_by_public_ids(request_ids: Collection[UUID]) -> list[ApprovalRequest]:
    """Return some requests as ``find_by_public_id`` does, in two queries whatever their number."""
    found = _BY_IDS.rows(fill(sorted(request_ids))) if request_ids else []
    if found:
        bring_votes(found)
    return found


def model_of(request: ApprovalRequest) -> ApprovalRequest:
    """Return the request that a test of attention was made from."""
    return ApprovalRequest.objects.get(pk=request.vigilance.model_id)


def find_outline(request_id: UUID) -> ApprovalRequest | None:
    """Return where a request stands, without what it shows and who voted, or None."""
    return _OUTLINE.first(request_id)


_OUTLINE: Prepared[ApprovalRequest] = Prepared(
    lambda public_id: ApprovalRequest.objects.only(
        "public_id", "state", "deadline_at", "ended_reason"
    ).filter(public_id=public_id)
)


def list_inbox(
    *,
    authority: Authority,
    now: datetime | None = None,
    state: ApprovalState = ApprovalState.PENDING,
    only: InboxFilter = InboxFilter.ALL,
    is_by_risk: bool = False,
) -> QuerySet[ApprovalRequest]:
    """Return the requests in a state that an actor may see.

    Ordered by deadline, then the higher risk, then age; three queries whatever their number.

    Args:
        authority: Who looks.
        now: The moment, for the filters that look at deadlines and claims.
        state: Which requests.
        only: A filter that everybody has.
        is_by_risk: The higher risk first, then the deadline.

    Raises:
        ValueError: The filter needs a moment and none was given.
    """
    rows = list_visible(authority=authority).filter(state=state)
    found = narrow(rows, only=only, authority=authority, now=now)
    return found.order_by(*(BY_RISK if is_by_risk else BY_DEADLINE))


def list_possible_voters(*, request: ApprovalRequest) -> list[User]:
    """Return who may still vote on a request, by name: for "who can" on its page."""
    standing = standing_of(request)
    barred = {*standing.barred, *standing.stand_ins, standing.requester_id}
    return list_eligible_voters(
        queue_id=standing.queue_id,
        roles=standing.roles,
        barred_ids=barred | {vote.voter_id for vote in standing.votes},
    )


def find_rejection(request_id: UUID) -> Rejection | None:
    """Return who rejected a request and why, whoever asks, or None."""
    rows = ApprovalVote.objects.select_related("voter").filter(choice=VoteChoice.REJECT)
    vote = rows.filter(request__public_id=request_id).first()
    if vote is None:
        return None
    code = RejectReason(vote.reason_code) if vote.reason_code else None
    return Rejection(voter=vote.voter.label, at=vote.at, reason=vote.reason, code=code)
