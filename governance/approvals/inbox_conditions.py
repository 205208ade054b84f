"""The filters of the inbox in SQL."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from governance.access import rules as access
from governance.access.models import Delegation, User
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from governance.approvals.inbox_query import InboxQuery, over_minor
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.standing_in import VOTE_COVERS
from governance.approvals.types import InboxFilter
from governance.policies.types import RiskLevel
from orchestra.core.currencies import digits_of

DUE_SOON = timedelta(minutes=30)
_LARGEST_KEY = 2**63 - 1


def narrow(
    rows: QuerySet[ApprovalRequest],
    *,
    only: InboxFilter,
    authority: Authority,
    now: datetime | None,
    soon: datetime | None = None,
) -> QuerySet[ApprovalRequest]:
    """Return the pending requests that one of everybody's filters holds.

    Args:
        rows: Requests an actor may see.
        only: The filter.
        authority: Who looks.
        now: The moment, for the filters that look at deadlines and claims.
        soon: Until when a deadline is soon; ``DUE_SOON`` from now where it is not given.

    Raises:
        ValueError: The filter needs a moment and none was given.
    """
    if only is InboxFilter.ALL:
        return rows
    if only is InboxFilter.HEIGHTENED:
        return rows.filter(Q(risk=RiskLevel.CRITICAL.value) | Q(votes_needed__gte=2))
    if now is None:
        raise ValueError(f"the filter {only} needs a moment")
    if only is InboxFilter.MAY_DECIDE:
        return _annotate(rows, authority).filter(_may_decide(authority, now))
    if only is InboxFilter.DUE_SOON:
        return rows.filter(deadline_at__lte=soon or now + DUE_SOON)
    return rows.filter(_held(only, authority, now))


def narrow_by(rows: QuerySet[ApprovalRequest], query: InboxQuery) -> QuerySet[ApprovalRequest]:
    """Return the requests that meet the criteria of a person's own view."""
    wanted = {
        "queue__key": query.queue,
        "risk": str(query.risk or ""),
        "tool__icontains": query.tool.replace(" ", "_"),
        "journey__icontains": query.journey,
        "requester_label__icontains": query.requester,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    over = over_minor(query, digits_of(query.currency)) if query.over else None
    if over is not None:
        rows = rows.filter(currency=query.currency, amount_minor__gt=over)
    return rows.filter(_says(query.text)) if query.text else rows


def _says(text: str) -> Q:
    number = text.upper().removeprefix("AP-")
    named = Q(pk__in=[])
    if number.isascii() and number.isdigit() and int(number) <= _LARGEST_KEY:
        named = Q(pk=int(number))
    parts = ("headline", "title", "detail", "case_label")
    for part in parts:
        named |= Q(**{f"{part}__icontains": text})
    return named


def _held(only: InboxFilter, authority: Authority, now: datetime) -> Q:
    me = authority.actor.pk if authority.actor.is_human else None
    if only is InboxFilter.MINE:
        return Q(claimed_by_id=me, claimed_until_at__gt=now)
    if only is InboxFilter.HANDED:
        away = (
            Delegation.objects.filter(
                delegate_id=me, covers__in=VOTE_COVERS, begins_at__lte=now, until_at__gt=now
            )
            .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=now))
            .order_by()
        )
        # One list of people, so that the index on whom a request is handed to is entered.
        people = User.objects.filter(Q(pk=me) | Q(pk__in=away.values("giver_id"))).order_by()
        return Q(handed_to_id__in=people.values("pk"), handed_until_at__gt=now)
    unclaimed = Q(claimed_until_at__isnull=True) | Q(claimed_until_at__lte=now)
    return unclaimed & (Q(handed_until_at__isnull=True) | Q(handed_until_at__lte=now))


def _annotate(rows: QuerySet[ApprovalRequest], authority: Authority) -> QuerySet[ApprovalRequest]:
    votes = ApprovalVote.objects.filter(request=OuterRef("pk"))
    mine = votes.filter(voter_id=authority.actor.pk if authority.actor.is_human else None)
    taken = {
        f"taken_{role}": Exists(votes.filter(roles=[role], discounted_at=None))
        for role in _voting_roles(authority)
    }
    return rows.annotate(roles_text=Cast("roles", TextField()), has_my_vote=Exists(mine), **taken)


def _voting_roles(authority: Authority) -> list[str]:
    return sorted(str(role) for role in authority.roles & access.VOTING_ROLES)


def _may_decide(authority: Authority, now: datetime) -> Q:
    """The voting rule in SQL; equal to ``may_vote`` up to two votes of distinct roles.

    Beyond that it may let a request through for which the page then says that another role
    is needed; it never hides one.
    """
    nothing = Q(pk__in=[])
    queues = readable_queue_ids(authority, Capability.APPROVAL_VOTE)
    if not queues:
        return nothing
    me = authority.actor.id
    mine = {role: Q(roles_text__contains=f'"{role}"') for role in _voting_roles(authority)}
    asked, needs_other = nothing, nothing
    for role, is_asked in mine.items():
        asked |= is_asked
        others = [other for name, other in mine.items() if name != role]
        only_mine = is_asked
        for other in others:
            only_mine &= ~other
        if not others:
            only_mine |= Q(roles=[])
        needs_other |= only_mine & Q(distinct_roles=True, **{f"taken_{role}": True})
    return (
        Q(queue_id__in=queues, deadline_at__gt=now, has_my_vote=False)
        & (Q(roles=[]) | asked)
        & ~Q(requester_id=me)
        & ~Q(barred__has_key=me)
        & ~needs_other
    )
