"""What waits in each queue and for a vote, read once a request: for sidebar and start page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db.models import (
    CharField,
    Count,
    DateTimeField,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast

from cases.handoff.models import Handoff
from cases.handoff.types import HandoffState
from cases.journeys.models import StepRun
from cases.journeys.types import StepState
from cases.memory.models import Case
from cases.memory.types import CaseStatus
from governance.access import selectors as access
from governance.access.models import Queue, User
from governance.access.types import Capability
from governance.admin.visit import Visit
from governance.approvals.models import ApprovalRequest
from governance.approvals.types import ApprovalState
from governance.reviews import waiting
from orchestra.core import bounded
from orchestra.core.bounded import BoundedCount
from orchestra.core.prepared import Prepared
from orchestra.core.together import Reading, read

_APPROVALS, _HANDOFFS, _CASES, _STEPS = "approvals", "handoffs", "cases", "steps"
_CHANGES = "changes"
_QUEUE_OF_STEP = "journey__case__queue_id"
_OPEN_CASES = (CaseStatus.OPEN, CaseStatus.HANDED_OFF)
_OPEN_STEPS = (StepState.READY, StepState.RUNNING, StepState.WAITING)
#: Of steps past their time so many times as many are looked at, in all queues together.
_LATE_STEPS = 2
#: By what the first of a kind is found, along an index, and since when it waits.
_SINCE = {_APPROVALS: ("created_at", "created_at"), _HANDOFFS: ("id", "offered_at")}
_KEPT = {False: "waiting in queues", True: "load of queues"}
_KEPT_CHANGES = "changes that wait"

Row = tuple[str, int, int, datetime | None, int, Any]


class _Reach(StrEnum):
    """Of which queues a person may know something."""

    NONE = "none"
    SOME = "some"
    EVERY = "every"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked; the text of the query follows from it, and its values from the visit.

    Attributes:
        is_whole: Whether all that a queue holds, or what waits there.
        counted: So many of what waits are looked at.
        approvals: In which queues.
        cases: In which queues; of handoffs too.
        changes: Whether also the changes that wait for a vote.
    """

    is_whole: bool
    counted: int
    approvals: _Reach
    cases: _Reach
    changes: bool

    @property
    def names_person(self) -> bool:
        """Whether the query is about the person too."""
        return self.changes or not self.is_whole

    @property
    def names_moment(self) -> bool:
        """Whether the query is about the moment too."""
        return self.changes or (self.is_whole and self.cases is not _Reach.NONE)

    @property
    def is_something(self) -> bool:
        """Whether there is anything that the person may know."""
        return self.changes or {self.approvals, self.cases} != {_Reach.NONE}


@dataclass(slots=True)
class QueueLoad:
    """What waits in one queue.

    Attributes:
        approvals: Requests that wait for votes.
        handoffs: Handoffs nobody has taken.
        open_cases: Cases not yet resolved.
        late: Handoffs and steps past their time.
        is_more_late: Whether so many steps are past their time that not all were looked at.
        since: Since when the oldest request or handoff waits.
    """

    approvals: int = 0
    handoffs: int = 0
    open_cases: int = 0
    late: int = 0
    is_more_late: bool = False
    since: datetime | None = None

    def take_in(self, row: Row) -> None:
        """Take in one row of the read."""
        what, _queue, count, since, late, _told = row
        if what == _APPROVALS:
            self.approvals = count
        elif what == _HANDOFFS:
            self.handoffs = count
        elif what == _CASES:
            self.open_cases = count
        self.late += late
        if since is not None:
            self.since = min(since, self.since or since)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person, in all their queues together.

    Attributes:
        approvals: Requests that wait for votes.
        handoffs: Handoffs nobody has taken.
    """

    approvals: int = 0
    handoffs: int = 0


def waiting_of(visit: Visit) -> Waiting:
    """Return what waits for a person: one query a request.

    Of each kind at most ``COUNTED`` are counted, however many wait; where the page asked for all
    that the queues hold, that is what they sum up to.
    """
    loads = _read(visit, is_whole=_KEPT[True] in visit.kept).values()
    return Waiting(
        approvals=sum(load.approvals for load in loads),
        handoffs=sum(load.handoffs for load in loads),
    )


def loads_of(visit: Visit) -> dict[int, QueueLoad]:
    """Return all that a queue holds, by its internal key: one query a request.

    At most ``COUNTED`` of a kind are counted in each queue, and of steps past their time those
    that are longest so, twice as many in all queues together.
    """
    return _read(visit, is_whole=True)


def reading_loads(visit: Visit) -> Reading[dict[int, QueueLoad]]:
    """Come to all that a queue holds, as ``loads_of`` returns it."""
    kept: dict[int, QueueLoad] | None = visit.kept.get(_KEPT[True])
    if kept is not None:
        return kept
    asked, values = _wanted(visit, is_whole=True)
    rows = (yield from read(_query(asked, values))) if asked.is_something else []
    return _keep(visit, rows, is_whole=True)


def count_changes(visit: Visit) -> int:
    """Return how many changes wait for the person's vote, read with what waits in queues."""
    _read(visit, is_whole=_KEPT[True] in visit.kept)
    return int(visit.kept[_KEPT_CHANGES])


def _read(visit: Visit, *, is_whole: bool) -> dict[int, QueueLoad]:
    kept: dict[int, QueueLoad] | None = visit.kept.get(_KEPT[is_whole])
    if kept is not None:
        return kept
    asked, values = _wanted(visit, is_whole=is_whole)
    rows = _prepared(asked).rows(*values) if asked.is_something else []
    return _keep(visit, rows, is_whole=is_whole)


def _keep(visit: Visit, rows: Iterable[Row], *, is_whole: bool) -> dict[int, QueueLoad]:
    found: dict[int, QueueLoad] = {}
    changes: list[Any] = []
    late_steps = 0
    for row in rows:
        what, queue, count, *_sums = row
        if what == _CHANGES:
            changes.append(row[-1])
        elif count:
            found.setdefault(queue, QueueLoad()).take_in(row)
        late_steps += count if what == _STEPS else 0
    for load in found.values():
        load.is_more_late = late_steps >= _LATE_STEPS * bounded.COUNTED
    visit.kept[_KEPT[is_whole]] = found
    visit.kept[_KEPT_CHANGES] = waiting.count_of(changes, authority=visit.authority, now=visit.now)
    return found


def _wanted(visit: Visit, *, is_whole: bool) -> tuple[_Asked, list[Any]]:
    """Return what is asked for a person, and its values: queues, queues, the person, the moment.

    Counts without a queue stand in the person's own row.
    """
    approvals, cases = (
        access.readable_queue_ids(visit.authority, capability)
        if visit.may(capability)
        else frozenset[int]()
        for capability in (Capability.APPROVAL_READ, Capability.CASE_READ)
    )
    asked = _Asked(
        is_whole=is_whole,
        counted=bounded.COUNTED,
        approvals=_reach_of(approvals),
        cases=_reach_of(cases),
        changes=waiting.reviews_changes(visit.authority),
    )
    values: list[Any] = [sorted(queues) for queues in (approvals, cases) if queues]
    if asked.names_person:
        values.append(visit.actor.pk)
    if asked.names_moment:
        values.append(visit.now)
    return asked, values


def _reach_of(queues: frozenset[int] | None) -> _Reach:
    if queues is None:
        return _Reach.EVERY
    return _Reach.SOME if queues else _Reach.NONE


@lru_cache(maxsize=64)
def _prepared(asked: _Asked) -> Prepared[Row]:
    """Return the query of what is asked: one for all who may know as much."""
    return Prepared(lambda *values: _query(asked, values))


def _query(asked: _Asked, values: Iterable[Any]) -> "QuerySet[Any, Row]":
    first, *others = _parts(asked, iter(values))
    return first.union(*others, all=True) if others else first


def _parts(asked: _Asked, values: Iterator[Any]) -> Iterator["QuerySet[Any, Row]"]:
    """Put the query together from its values: queues, queues, the person, the moment."""
    asking_in = next(values) if asked.approvals is _Reach.SOME else None
    working_in = next(values) if asked.cases is _Reach.SOME else None
    person: Any = next(values) if asked.names_person else None
    now: Any = next(values, None)
    if asked.is_whole:
        yield from _whole(asked, asking_in, working_in, now)
    else:
        yield from _waiting(asked, asking_in, working_in, person)
    if asked.changes:
        rows = waiting.waiting_changes(person=person, now=now)
        yield rows.order_by().values_list(
            Value(_CHANGES, output_field=CharField()),
            Value(0),
            Value(1),
            Cast(Value(None), DateTimeField()),
            Value(0),
            "told",
        )


def _waiting(
    asked: _Asked, asking_in: list[int] | None, working_in: list[int] | None, person: int
) -> Iterator["QuerySet[Any, Row]"]:
    """Return what waits, of each kind no more than so many in all queues together."""
    here = User.objects.filter(pk=person).order_by()
    kinds = (
        (_APPROVALS, asked.approvals, _pending(), asking_in),
        (_HANDOFFS, asked.cases, _offered(), working_in),
    )
    for what, reach, rows, queues in kinds:
        if reach is not _Reach.NONE:
            mine = rows if queues is None else rows.filter(queue_id__in=queues)
            yield here.values_list(
                Value(what, output_field=CharField()),
                Value(0),
                BoundedCount(mine.order_by().values("pk")[: asked.counted]),
                Cast(Value(None), DateTimeField()),
                Value(0),
                Cast(Value(None), JSONField()),
            )


def _whole(
    asked: _Asked, asking_in: list[int] | None, working_in: list[int] | None, now: Any
) -> Iterator["QuerySet[Any, Row]"]:
    """Return what each queue holds, of each kind no more than so many in each."""
    if asked.approvals is not _Reach.NONE:
        yield _by_queue(_pending().order_by("deadline_at", "id"), _APPROVALS, asked, asking_in)
    if asked.cases is not _Reach.NONE:
        late = Q(reply_due_at__lt=now)
        yield _by_queue(_offered().order_by("id"), _HANDOFFS, asked, working_in, late=late)
        yield _by_queue(Case.objects.filter(status__in=_OPEN_CASES), _CASES, asked, working_in)
        late_steps = StepRun.objects.filter(state__in=_OPEN_STEPS, due_at__lt=now)
        longest = late_steps.order_by("due_at", "id").values("pk")[: _LATE_STEPS * asked.counted]
        steps = StepRun.objects.filter(pk__in=longest)
        yield _late_by_queue(steps)


def _pending() -> "QuerySet[Any]":
    return ApprovalRequest.objects.filter(state=ApprovalState.PENDING)


def _offered() -> "QuerySet[Any]":
    return Handoff.objects.filter(state=HandoffState.OFFERED)


def _by_queue(
    rows: "QuerySet[Any]",
    what: str,
    asked: _Asked,
    queues: list[int] | None,
    *,
    late: Q | None = None,
) -> "QuerySet[Any, Row]":
    """Return what each queue holds of some rows, no further counted than so many in each.

    Args:
        rows: The rows, in an order along an index of their queue.
        what: What they are.
        asked: How many are counted.
        queues: In which queues; None for every.
        late: Which of them are past their time.
    """
    some = Queue.objects.all() if queues is None else Queue.objects.filter(pk__in=queues)
    mine = rows.filter(queue_id=OuterRef("pk"))
    no_moment: Any = Cast(Value(None), DateTimeField())
    first, at = _SINCE.get(what, ("", ""))
    columns: QuerySet[Any, Row] = some.order_by().values_list(
        Value(what, output_field=CharField()),
        "pk",
        BoundedCount(mine.values("pk")[: asked.counted]),
        Subquery(mine.order_by(first).values(at)[:1]) if first else no_moment,
        Value(0) if late is None else BoundedCount(mine.filter(late).values("pk")[: asked.counted]),
        Cast(Value(None), JSONField()),
    )
    return columns


def _late_by_queue(rows: "QuerySet[Any]") -> "QuerySet[Any, Row]":
    """Return how many of some steps past their time each queue has."""
    counted: QuerySet[Any, Row] = (
        rows.order_by()
        .annotate(load_of=Value(_STEPS, output_field=CharField()), load_queue=F(_QUEUE_OF_STEP))
        .values("load_of", "load_queue")
        .annotate(
            load_count=Count("pk"),
            load_since=Cast(Value(None), DateTimeField()),
            load_late=Count("pk"),
            load_told=Cast(Value(None), JSONField()),
        )
        .values_list("load_of", "load_queue", "load_count", "load_since", "load_late", "load_told")
    )
    return counted
