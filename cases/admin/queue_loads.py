"""What waits in each queue, read once a request: for the sidebar, and for the start page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, DateTimeField, F, Min, Model, Q, QuerySet, Value
from django.db.models.functions import Cast

from cases.handoff.models import Handoff
from cases.handoff.types import HandoffState
from cases.journeys.models import StepRun
from cases.journeys.types import StepState
from cases.memory.models import Case
from cases.memory.types import CaseStatus
from governance.access import selectors as access
from governance.access.types import Capability
from governance.admin.visit import Visit
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from orchestra.core.together import Reading, answer, read

_APPROVALS, _HANDOFFS, _CASES, _STEPS = "approvals", "handoffs", "cases", "steps"
_OPEN_CASES = (CaseStatus.OPEN, CaseStatus.HANDED_OFF)
_OPEN_STEPS = (StepState.READY, StepState.RUNNING, StepState.WAITING)
#: So many of a kind are counted for the sidebar, and then "999+" says enough.
COUNTED = 1_000
_KEPT = {False: "waiting in queues", True: "load of queues"}

Row = tuple[str, int, int, datetime | None, int]


@dataclass(slots=True)
class QueueLoad:
    """What waits in one queue.

    Attributes:
        approvals: Requests that wait for votes.
        handoffs: Handoffs nobody has taken.
        open_cases: Cases not yet resolved; 0 where only what waits was asked for.
        late: Handoffs and steps past their time; of steps only where everything was asked for.
        since: Since when the oldest request or handoff waits.
    """

    approvals: int = 0
    handoffs: int = 0
    open_cases: int = 0
    late: int = 0
    since: datetime | None = None

    def take_in(self, row: Row) -> None:
        """Take in one row of the read."""
        what, _queue, count, since, late = row
        if what == _APPROVALS:
            self.approvals = count
        elif what == _HANDOFFS:
            self.handoffs = count
        elif what == _CASES:
            self.open_cases = count
        self.late += late
        if since is not None:
            self.since = min(since, self.since or since)


def waiting_of(visit: Visit) -> dict[int, QueueLoad]:
    """Return what waits for a person, by the queue's internal key: one query a request.

    Of each kind at most ``COUNTED`` are looked at, however many wait.
    """
    return answer(_reading(visit, is_whole=_KEPT[True] in visit.kept))


def loads_of(visit: Visit) -> dict[int, QueueLoad]:
    """Return all that a queue holds, by its internal key: one query a request."""
    return answer(reading_loads(visit))


def reading_loads(visit: Visit) -> Reading[dict[int, QueueLoad]]:
    """Come to all that a queue holds, as ``loads_of`` returns it."""
    return (yield from _reading(visit, is_whole=True))


def _reading(visit: Visit, *, is_whole: bool) -> Reading[dict[int, QueueLoad]]:
    kept: dict[int, QueueLoad] | None = visit.kept.get(_KEPT[is_whole])
    if kept is not None:
        return kept
    found: dict[int, QueueLoad] = {}
    parts = list(_parts(visit, is_whole=is_whole))
    if parts:
        first, *others = parts
        for row in (yield from read(first.union(*others, all=True) if others else first)):
            found.setdefault(row[1], QueueLoad()).take_in(row)
    visit.kept[_KEPT[is_whole]] = found
    return found


def _parts(visit: Visit, *, is_whole: bool) -> Iterator["QuerySet[Any, Row]"]:
    if visit.may(Capability.APPROVAL_READ):
        asked = _reach(visit, ApprovalRequest, Capability.APPROVAL_READ, "queue_id")
        pending = asked.filter(state=ApprovalState.PENDING)
        yield _columns(pending if is_whole else _some(pending), _APPROVALS, since=Min("created_at"))
    if not visit.may(Capability.CASE_READ):
        return
    handed = _reach(visit, Handoff, Capability.CASE_READ, "queue_id")
    late = Count("pk", filter=Q(reply_due_at__lt=visit.now))
    offered = handed.filter(state=HandoffState.OFFERED)
    yield _columns(
        offered if is_whole else _some(offered), _HANDOFFS, since=Min("offered_at"), late=late
    )
    if is_whole:
        cases = _reach(visit, Case, Capability.CASE_READ, "queue_id")
        yield _columns(cases.filter(status__in=_OPEN_CASES), _CASES)
        steps = StepRun.objects.filter(state__in=_OPEN_STEPS, due_at__lt=visit.now)
        yield _columns(steps, _STEPS, queue="journey__case__queue_id", late=Count("pk"))


def _some(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Return at most ``COUNTED`` of some rows, whichever come to hand first."""
    few: QuerySet[Any] = rows.model._default_manager.filter(  # noqa: SLF001  Django's documented entry for generic code
        pk__in=rows.order_by().values("pk")[:COUNTED]
    )
    return few


def in_short(count: int) -> int | str:
    """Return a count as the sidebar shows it."""
    return count if count < COUNTED else f"{COUNTED - 1}+"


def _reach(visit: Visit, model: type[Model], capability: Capability, queue: str) -> "QuerySet[Any]":
    rows: QuerySet[Any] = model._default_manager.all()  # noqa: SLF001  Django's documented entry for generic code
    queues = access.readable_queue_ids(visit.authority, capability)
    return rows if queues is None else rows.filter(**{f"{queue}__in": queues})


def _columns(
    rows: "QuerySet[Any]",
    what: str,
    *,
    queue: str = "queue_id",
    since: Any = None,
    late: Any = None,
) -> "QuerySet[Any, Row]":
    columns: QuerySet[Any, Row] = (
        rows.order_by()
        .annotate(load_of=Value(what, output_field=CharField()), load_queue=F(queue))
        .values("load_of", "load_queue")
        .annotate(
            load_count=Count("pk"),
            load_since=since or Cast(Value(None), DateTimeField()),
            load_late=late or Value(0),
        )
        .values_list("load_of", "load_queue", "load_count", "load_since", "load_late")
    )
    return columns
