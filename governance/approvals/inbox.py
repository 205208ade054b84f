"""Reads of the inbox: pages by place, bounded counts, the way to the next request.

Nothing here grows with what was decided: every read goes over partial indexes on what is
pending, stops at a bound, and leaves the wide view of a request where it lies.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery

from governance.access.models import User
from governance.access.prepared import PreparedFor
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from governance.approvals import entries
from governance.approvals.inbox_conditions import DUE_SOON, narrow, narrow_by
from governance.approvals.inbox_query import (
    InboxQuery,
    Place,
    format_place,
    parse_criteria,
    told_by,
)
from governance.approvals.models import ApprovalRequest, InboxView
from governance.approvals.selectors import BY_DEADLINE, BY_RISK, list_visible, view_of
from governance.approvals.types import ApprovalState, InboxFilter
from governance.ledger.selectors import newest_of_kinds
from orchestra.core.bounded import BoundedCount
from orchestra.core.together import Reading, all_of, answer, read

#: Rows of one page.
PAGE = 50
#: A count stops here; beyond it nobody counts on.
COUNTED = 200
#: What changes a row or a count of the inbox; opening a page changes neither.
_CHANGES = tuple(
    kind.code for kind in entries.KINDS if kind.code not in (entries.OPENED, entries.EVIDENCE_SEEN)
)


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of the inbox.

    Attributes:
        rows: Requests in order, their views left where they lie.
        after: Where the next page begins, as a link names it; empty at the end.
    """

    rows: list[ApprovalRequest]
    after: str


@dataclass(frozen=True, slots=True)
class Front:
    """What stands first in the inbox, and how much there is.

    Attributes:
        rows: The requests due first, their views left where they lie.
        waiting: How many wait, at most ``COUNTED`` + 1.
        soon: How many of them run out soon, at most ``COUNTED`` + 1.
    """

    rows: Sequence[ApprovalRequest] = ()
    waiting: int = 0
    soon: int = 0


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before and after a request in a view of the inbox.

    Attributes:
        place: How many of the view stand before it, at most ``COUNTED``.
        of: How many the view holds, at most ``COUNTED`` + 1.
        previous_id: Public id; None where it is the first.
        next_id: Public id; None where it is the last.
    """

    place: int
    of: int
    previous_id: UUID | None
    next_id: UUID | None


def read_page(
    *, authority: Authority, now: datetime, query: InboxQuery, after: Place | None = None
) -> InboxPage:
    """Return one page of a view, in two queries whatever waits or was decided.

    Args:
        authority: Who looks.
        now: The moment.
        query: The view.
        after: The last row of the page before; None for the first page.
    """
    return answer(reading_page(authority=authority, now=now, query=query, after=after))


def reading_page(
    *, authority: Authority, now: datetime, query: InboxQuery, after: Place | None = None
) -> Reading[InboxPage]:
    """Come to one page of a view, as ``read_page`` returns it."""
    seen = list_visible(authority=authority)
    rows = _pending(authority, now, query, seen).order_by(*_order(query))
    if after is not None:
        rows = rows.filter(_beyond(after, is_by_risk=query.is_by_risk, is_back=False))
    found = yield from read(rows.defer("view")[: PAGE + 1])
    shown = found[:PAGE]
    yield from _telling_old(shown)
    return InboxPage(rows=shown, after=format_place(place_of(shown[-1])) if found[PAGE:] else "")


def reading_front(*, authority: Authority, now: datetime, most: int) -> Reading[Front]:
    """Come to the requests due first, no more than so many, and to how many wait."""
    seen = list_visible(authority=authority)
    rows = _pending(authority, now, InboxQuery(), seen).order_by(*BY_DEADLINE)
    asked = {each.value: InboxQuery(only=each) for each in (InboxFilter.ALL, InboxFilter.DUE_SOON)}
    found = yield from all_of(
        {
            "rows": read(rows.defer("view")[:most]),
            "counts": _counting(asked, authority, now),
        }
    )
    yield from _telling_old(found["rows"])
    return Front(
        rows=found["rows"],
        waiting=found["counts"][InboxFilter.ALL.value],
        soon=found["counts"][InboxFilter.DUE_SOON.value],
    )


def read_known(*, authority: Authority, keys: Collection[int]) -> list[ApprovalRequest]:
    """Return some requests as they stand now, for a page that still shows them.

    Args:
        authority: Who looks; what they may not see is left out.
        keys: Primary keys; no more than ten pages of them are read.
    """
    return answer(reading_known(authority=authority, keys=keys))


def reading_known(*, authority: Authority, keys: Collection[int]) -> Reading[list[ApprovalRequest]]:
    """Come to some requests as they stand now, as ``read_known`` returns them."""
    if not keys:
        return []
    found = list_visible(authority=authority).filter(pk__in=sorted(keys)[: PAGE * 10])
    rows = yield from read(found.defer("view"))
    yield from _telling_old(rows)
    return rows


def count_inbox(*, authority: Authority, now: datetime) -> Mapping[InboxFilter, int]:
    """Return how many requests each filter of everybody holds, at most ``COUNTED`` + 1 each.

    One query. A count of ``COUNTED`` + 1 says that there are more.
    """
    return answer(reading_counts(authority=authority, now=now, views=()))[0]


def reading_counts(
    *, authority: Authority, now: datetime, views: Collection[InboxView]
) -> Reading[tuple[Mapping[InboxFilter, int], Mapping[int, int]]]:
    """Come to the counts of everybody's filters and of one's own, in one query.

    Args:
        authority: Who looks.
        now: The moment.
        views: The person's own filters.
    """
    shared = {each.value: InboxQuery(only=each) for each in InboxFilter}
    own = {f"view_{view.pk}": parse_criteria(view.criteria) for view in views}
    found = yield from _reading_each({**shared, **own}, authority, now)
    return (
        {each: found[each.value] for each in InboxFilter},
        {view.pk: found[f"view_{view.pk}"] for view in views},
    )


def count_view(*, authority: Authority, now: datetime, query: InboxQuery) -> int:
    """Return how many requests a view holds, at most ``COUNTED`` + 1."""
    return answer(_counting({"view": query}, authority, now))["view"]


def look_around(
    *, authority: Authority, now: datetime, request: ApprovalRequest, query: InboxQuery
) -> Around:
    """Return what stands before and after a request in a view, whether it still waits or not.

    One query, which reads no more than some ``COUNTED`` rows of a kind.

    Args:
        authority: Who looks.
        now: The moment.
        request: The request; its place is that of its deadline and risk.
        query: The view.
    """
    rows = around(authority=authority, now=now, request=request, query=query)
    return around_in(rows)


def around_in(rows: Iterable[tuple[int, int, UUID | None, UUID | None]]) -> Around:
    """Return what the one row of ``around`` says."""
    return Around(*next(iter(rows)))


def around(
    *, authority: Authority, now: datetime, request: ApprovalRequest, query: InboxQuery
) -> "QuerySet[ApprovalRequest, tuple[int, int, UUID | None, UUID | None]]":
    """Return the query of ``look_around``, to be read with others."""
    place = place_of(request)
    rows = _pending(authority, now, query).exclude(pk=request.pk)
    back = _beyond(place, is_by_risk=query.is_by_risk, is_back=True)
    forth = _beyond(place, is_by_risk=query.is_by_risk, is_back=False)
    order = _order(query)
    before = rows.filter(back).order_by(*order).reverse().values("public_id")
    following = rows.filter(forth).order_by(*order).values("public_id")
    asked = {
        "place": BoundedCount(_in_turn(rows.filter(back))[:COUNTED]),
        "of": BoundedCount(_in_turn(_pending(authority, now, query))[: COUNTED + 1]),
        "previous_id": Subquery(before[:1]),
        "next_id": Subquery(following[:1]),
    }
    # The answers stand in one row of any table that has one, as the request is.
    return ApprovalRequest.objects.filter(pk=request.pk).values_list(*asked.values())


def find_newest_change() -> int:
    """Return the number of the newest act that changes what an inbox shows, 0 where none is.

    One query of as many look-ups in an index as there are kinds of such acts.
    """
    return newest_of_kinds(_CHANGES)


def list_views(*, authority: Authority) -> list[InboxView]:
    """Return a person's own filters, by name."""
    return answer(reading_views(authority=authority))


def reading_views(*, authority: Authority) -> Reading[list[InboxView]]:
    """Come to a person's own filters, by name."""
    actor = authority.actor
    if not actor.is_human:
        return []
    return (yield from read(InboxView.objects.filter(owner_id=actor.pk)))


def place_of(request: ApprovalRequest) -> Place:
    """Return where a request stands in the order."""
    return Place(deadline_at=request.deadline_at, risk_rank=request.risk_rank, pk=request.pk)


def _pending(
    authority: Authority,
    now: datetime,
    query: InboxQuery,
    rows: QuerySet[ApprovalRequest] | None = None,
    soon: datetime | None = None,
) -> QuerySet[ApprovalRequest]:
    """Return the requests of a view; without what stands beside them where no rows are given."""
    if rows is None:
        queues = readable_queue_ids(authority, Capability.APPROVAL_READ)
        rows = ApprovalRequest.objects.all()
        rows = rows if queues is None else rows.filter(queue_id__in=queues)
    rows = rows.filter(state=ApprovalState.PENDING)
    rows = narrow(rows, only=query.only, authority=authority, now=now, soon=soon)
    return narrow_by(rows, query)


def _order(query: InboxQuery) -> tuple[str, ...]:
    return BY_RISK if query.is_by_risk else BY_DEADLINE


def _beyond(place: Place, *, is_by_risk: bool, is_back: bool) -> Q:
    """Return the condition of rows that stand beyond a place.

    The first comparison is implied by the rest; with it an index is entered at the place.
    """
    later, higher = ("lt", "gt") if is_back else ("gt", "lt")
    at, rank = {"deadline_at": place.deadline_at}, {"risk_rank": place.risk_rank}
    by_deadline = Q(**{f"deadline_at__{later}": place.deadline_at})
    by_risk = Q(**{f"risk_rank__{higher}": place.risk_rank})
    by_age = Q(**at, **rank, **{f"id__{later}": place.pk})
    if is_by_risk:
        entered = Q(**{f"risk_rank__{higher}e": place.risk_rank})
        return entered & (by_risk | (Q(**rank) & by_deadline) | by_age)
    entered = Q(**{f"deadline_at__{later}e": place.deadline_at})
    return entered & (by_deadline | (Q(**at) & by_risk) | by_age)


def _counting(
    queries: Mapping[str, InboxQuery], authority: Authority, now: datetime
) -> Reading[Mapping[str, int]]:
    found = yield from read(_counts(authority, (tuple(queries.items()), COUNTED + 1), now))
    return found[0] if found else dict.fromkeys(queries, 0)


def _reading_each(
    queries: Mapping[str, InboxQuery], authority: Authority, now: datetime
) -> Reading[Mapping[str, int]]:
    """Come to the counts of views of which one looks at deadlines that are soon, by their names."""
    none = dict.fromkeys(queries, 0)
    if readable_queue_ids(authority, Capability.APPROVAL_READ) == frozenset():
        return none
    asked = tuple(queries.items()), COUNTED + 1
    counted = _COUNTS.beside(authority, asked, now, now + DUE_SOON)
    found: list[dict[str, int]] = yield from read(counted)
    return found[0] if found else none


def _counts(
    authority: Authority,
    asked: tuple[Collection[tuple[str, InboxQuery]], int],
    now: datetime,
    soon: datetime | None = None,
) -> QuerySet[Any, dict[str, int]]:
    """Return how many requests some views hold, in one row: none where there are no people.

    Args:
        authority: Who looks.
        asked: The views by name, and up to how many requests of each are counted.
        now: The moment.
        soon: Until when a deadline is soon, as ``narrow`` takes it.
    """
    queries, most = asked
    counts = {
        name: BoundedCount(_in_turn(_pending(authority, now, query, soon=soon))[:most])
        for name, query in queries
    }
    # The counts stand in one row of any table that has one; without people nothing waits.
    rows: QuerySet[Any, Any] = User.objects.order_by("pk").values(**counts)
    return rows[:1]


#: Of everybody's filters and some of one's own, whose texts take longer to make than to answer.
_COUNTS: PreparedFor[dict[str, int]] = PreparedFor(_counts)


def _in_turn(rows: QuerySet[ApprovalRequest]) -> QuerySet[ApprovalRequest, Any]:
    """Return the keys of rows in an order along an index of what is pending.

    Without an order the table itself might be passed through, and what waits lies at its end.
    """
    return rows.order_by("deadline_at", "id").values("pk")


def _telling_old(rows: Collection[ApprovalRequest]) -> Reading[None]:
    """Fill in what rows from before the columns do not tell, in one query for all of them."""
    old = [row.pk for row in rows if row.money_direction is None]
    if not old:
        return
    found = yield from read(ApprovalRequest.objects.filter(pk__in=old))
    views = {row.pk: told_by(view_of(row)) for row in found}
    for row in rows:
        told = views.get(row.pk)
        if told is not None:
            row.headline, row.money_direction = told["headline"], told["money_direction"]
