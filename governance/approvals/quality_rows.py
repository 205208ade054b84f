"""The votes that the quality of approvals is read from; reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Min, QuerySet

from governance.access.rules import queues_where
from governance.access.types import Authority, Capability
from governance.approvals import entries
from governance.approvals.figures import Vote
from governance.approvals.models import ApprovalRequest, ApprovalVote
from governance.approvals.registry import reversals
from governance.approvals.types import VIGILANCE, VoteChoice
from governance.ledger.selectors import list_entries

#: So many votes are read at once; older ones are left out, and the page says so.
MOST = 5_000
#: A page may have been opened so long before the span in which the vote fell.
_BEFORE = timedelta(days=2)

_Key = tuple[str, str]


class Whose(StrEnum):
    """Whose votes are looked at."""

    MINE = "mine"
    QUEUES = "queues"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which votes are looked at.

    Attributes:
        since: From when.
        queue: Key of one queue; empty for all that may be seen.
        risk: One level; empty for all.
    """

    whose: Whose
    since: datetime
    queue: str = ""
    risk: str = ""


def list_votes(*, authority: Authority, wanted: Wanted) -> list[Vote]:
    """Return votes on real requests, newest first, at most ``MOST``: two queries and more.

    One more query for each source of reversals. A person sees their own; who oversees approvals
    sees those of the queues they may read.
    """
    rows = list(
        _rows(authority, wanted)
        .order_by("-at", "-pk")
        .values_list(
            "request__public_id",
            "request__subject_id",
            "voter__public_id",
            "request__queue__key",
            "request__risk",
            "request__likeness",
            "choice",
            "at",
        )[:MOST]
    )
    first = _first(authority, wanted)
    opened, seen = first[entries.OPENED], first[entries.EVIDENCE_SEEN]
    undone = {found for key in reversals for found in reversals.get(key).find(wanted.since)}
    return [
        Vote(
            request_id=str(request),
            by=str(voter),
            queue=queue,
            risk=str(risk),
            choice=VoteChoice(choice),
            at=at,
            likeness=likeness,
            took=_took(opened.get((str(request), str(voter))), at),
            saw_all=_is_before(seen.get((str(request), str(voter))), at),
            is_reversed=choice == VoteChoice.APPROVE and subject in undone,
        )
        for request, subject, voter, queue, risk, likeness, choice, at in rows
    ]


def requests_of(request_ids: Collection[str]) -> dict[str, ApprovalRequest]:
    """Return requests by public id, with their queues, in one query."""
    rows = ApprovalRequest.objects.select_related("queue").filter(public_id__in=request_ids)
    return {str(row.public_id): row for row in rows}


def _rows(authority: Authority, wanted: Wanted) -> QuerySet[ApprovalVote]:
    rows = ApprovalVote.objects.filter(at__gte=wanted.since).exclude(
        request__subject_kind=VIGILANCE
    )
    if wanted.whose is Whose.MINE:
        rows = rows.filter(voter_id=authority.actor.pk if authority.actor.is_human else None)
    else:
        queues = queues_where(authority, Capability.APPROVAL_OVERSEE)
        rows = rows if queues is None else rows.filter(request__queue_id__in=queues)
    if wanted.queue:
        rows = rows.filter(request__queue__key=wanted.queue)
    return rows.filter(request__risk=wanted.risk) if wanted.risk else rows


def _first(authority: Authority, wanted: Wanted) -> dict[str, dict[_Key, datetime]]:
    """Return by kind when each request first had such an entry by each person."""
    found: dict[str, dict[_Key, datetime]] = {entries.OPENED: {}, entries.EVIDENCE_SEEN: {}}
    rows = list_entries().filter(kind__in=list(found), at__gte=wanted.since - _BEFORE)
    if wanted.whose is Whose.MINE:
        rows = rows.filter(actor_id=authority.actor.id)
    columns = rows.order_by().values_list("kind", "subject_id", "actor_id")
    for kind, subject, actor, first in columns.annotate(first=Min("at")):
        found[kind][subject, actor] = first
    return found


def _took(opened_at: datetime | None, voted_at: datetime) -> timedelta | None:
    return voted_at - opened_at if opened_at is not None and opened_at <= voted_at else None


def _is_before(seen_at: datetime | None, voted_at: datetime) -> bool:
    return seen_at is not None and seen_at <= voted_at
