"""How everything runs now, in one trip, whatever is stored; counts and codes alone.

Each read is bounded: by what is open, or by the newest thousand.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, DateTimeField, F, Min, OuterRef, QuerySet, Subquery, Value

from cases.handoff.models import Handoff
from cases.handoff.types import HandoffState
from cases.tools.at_work import AtWork, reading_at_work
from cases.tools.selectors import list_unknown
from governance.access.models import Queue
from governance.access.types import Authority
from governance.approvals.models import ApprovalRequest
from governance.approvals.selectors import real
from governance.approvals.types import ApprovalState
from governance.ledger.selectors import list_checkpoints, reading_backlog
from governance.ledger.types import Backlog
from governance.liveness.models import WorkerSign
from governance.liveness.selectors import list_signs
from governance.notifications.models import NoticeDelivery
from governance.notifications.types import DeliveryState as MailState
from governance.switches.models import Stop
from governance.switches.selectors import in_force
from governance.webhooks.models import WebhookDelivery
from governance.webhooks.types import DeliveryState
from orchestra.core import bounded
from orchestra.core.bounded import BoundedCount
from orchestra.core.together import Reading, all_of, answer, read
from orchestra.operations.executions import Hour, reading_hours
from qa.measurement.models import MeasureCursor
from qa.measurement.selectors import list_positions

#: What was served is looked up among the newest of each kind.
NEWEST: Final = 1_000
SERVED_WITHIN: Final = timedelta(hours=1)
UNKNOWN_SHOWN: Final = 10
STOPS_SHOWN: Final = 10
_UNDER_WAY: Final = (DeliveryState.WAITING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Line:
    """One queue: what waits in it, since when, until when, and what was served.

    Attributes:
        handoffs: How many wait, counted no further than ``bounded.COUNTED``; approvals likewise.
        oldest_at: Since when the oldest handoff waits; None where none does.
        due_at: When the next approval runs out; None where none waits.
    """

    key: str
    title: str
    handoffs: int = 0
    approvals: int = 0
    taken: int = 0
    decided: int = 0
    oldest_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """What is on its way to one receiver, and what was given up.

    Attributes:
        again: How many failed before and are tried again.
        oldest_at: When the oldest on its way happened.
    """

    title: str
    public_id: str
    waiting: int = 0
    again: int = 0
    failed: int = 0
    oldest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """Everything the page shows.

    Attributes:
        signs: Each worker's last sign of work, newest first.
        mail: Messages that are due, and since when the oldest is.
        hours: How executions ended, hour by hour.
        stops: What is stopped now, the newest first, one more than is shown.
        signed: When the newest checkpoint was signed, and over how many entries.
    """

    connections: tuple[AtWork, ...]
    unknown: tuple[Any, ...]
    queues: tuple[Line, ...]
    signs: tuple[WorkerSign, ...]
    sending: tuple[Sending, ...]
    mail: tuple[int, datetime | None]
    backlog: Backlog
    signed: tuple[datetime, int] | None
    measured: MeasureCursor | None
    hours: tuple[Hour, ...]
    stops: tuple[Stop, ...]


def read_running(*, authority: Authority, now: datetime) -> Running:
    """Return how everything runs now: one trip.

    Args:
        authority: Whose; unknown outcomes are those of queues they may read.
        now: The moment of the question.
    """
    found = answer(
        all_of(
            {
                "connections": reading_at_work(now=now),
                "unknown": read(list_unknown(authority=authority)[: UNKNOWN_SHOWN + 1]),
                "waits": _reading_waits(now),
                "signs": read(list_signs()),
                "sending": _reading_sending(),
                "backlog": reading_backlog(),
                "checkpoints": read(list_checkpoints()[:1]),
                "positions": read(list_positions()),
                "hours": reading_hours(now=now),
                "stops": read(in_force()[: STOPS_SHOWN + 1]),
            }
        )
    )
    queues, mail = found["waits"]
    return Running(
        connections=tuple(found["connections"]),
        unknown=tuple(found["unknown"]),
        queues=queues,
        signs=tuple(found["signs"]),
        sending=found["sending"],
        mail=mail,
        backlog=found["backlog"],
        signed=next(((one.at, one.size) for one in found["checkpoints"]), None),
        measured=next(iter(found["positions"]), None),
        hours=found["hours"],
        stops=tuple(found["stops"]),
    )


def _reading_waits(
    now: datetime,
) -> Reading[tuple[tuple[Line, ...], tuple[int, datetime | None]]]:
    """Come to what waits and what was served by queue, and the mail that is due: one query."""
    since = now - SERVED_WITHIN
    nothing = Value(None, output_field=DateTimeField())
    approvals = real(ApprovalRequest.objects.order_by())
    handoffs = Handoff.objects.order_by()
    offered = handoffs.filter(state=HandoffState.OFFERED, queue=OuterRef("pk"))
    pending = approvals.filter(state=ApprovalState.PENDING, queue=OuterRef("pk"))
    oldest = Subquery(offered.order_by("id").values("offered_at")[:1])
    next_due = Subquery(pending.order_by("deadline_at", "id").values("deadline_at")[:1])
    parts = [
        _waiting(offered.order_by("id"), "handoffs", oldest, nothing),
        _waiting(pending.order_by("deadline_at", "id"), "approvals", nothing, next_due),
        _by_queue(_newest(handoffs).filter(accepted_at__gt=since), "taken", nothing, nothing),
        _by_queue(_newest(approvals).filter(decided_at__gt=since), "decided", nothing, nothing),
        NoticeDelivery.objects.filter(state=MailState.WAITING, due_at__lte=now)
        .order_by()
        .values(what=Value("mail"), of=Value(""), name=Value(""))
        .annotate(count=Count("id"), oldest=Min("due_at"), due=nothing),
    ]
    found: dict[str, dict[str, Any]] = {}
    mail: tuple[int, datetime | None] = (0, None)
    for row in (yield from read(parts[0].union(*parts[1:], all=True))):
        if row["what"] == "mail":
            mail = (row["count"], row["oldest"])
            continue
        if not row["count"]:
            continue
        line = found.setdefault(row["of"], {"key": row["of"], "title": row["name"]})
        line[row["what"]] = row["count"]
        line["oldest_at"] = row["oldest"] or line.get("oldest_at")
        line["due_at"] = row["due"] or line.get("due_at")
    return tuple(
        Line(**line) for line in sorted(found.values(), key=lambda one: one["title"])
    ), mail


def _waiting(mine: QuerySet[Any], what: str, oldest: Any, due: Any) -> QuerySet[Any, Any]:
    """Return what waits in each queue, counted no further than is shown.

    Args:
        mine: What waits in the queue of the outer query, in an order along an index of it.
        what: What it is.
        oldest: Since when the oldest waits.
        due: When the next runs out.
    """
    count = BoundedCount(mine.values("pk")[: bounded.COUNTED])
    queues = Queue.objects.order_by().values(what=Value(what), of=F("key"), name=F("title"))
    found: QuerySet[Any, Any] = queues.annotate(count=count, oldest=oldest, due=due)
    return found


def _by_queue(rows: QuerySet[Any], what: str, oldest: Any, due: Any) -> QuerySet[Any, Any]:
    queue = rows.values(what=Value(what), of=F("queue__key"), name=F("queue__title"))
    found: QuerySet[Any, Any] = queue.annotate(count=Count("id"), oldest=oldest, due=due)
    return found


def _newest(rows: QuerySet[Any]) -> QuerySet[Any]:
    last = rows.model._default_manager.order_by("-pk").values("pk")[:1]  # noqa: SLF001  Django's public name for it
    return rows.filter(pk__gt=Subquery(last) - NEWEST)


def _reading_sending() -> Reading[tuple[Sending, ...]]:
    """Come to what has not arrived, by receiver; delivered rows are not looked at: one query."""
    rows = (
        WebhookDelivery.objects.filter(state__in=[*_UNDER_WAY, DeliveryState.FAILED])
        .order_by("endpoint__title", "endpoint")
        .values("endpoint__title", "endpoint__public_id", "state", "attempts")
        .annotate(count=Count("id"), oldest=Min("at"))
    )
    found: dict[str, dict[str, Any]] = {}
    for row in (yield from read(rows)):
        key = str(row["endpoint__public_id"])
        one = found.setdefault(key, {"title": row["endpoint__title"], "public_id": key})
        if row["state"] == DeliveryState.FAILED:
            one["failed"] = one.get("failed", 0) + row["count"]
            continue
        one["waiting"] = one.get("waiting", 0) + row["count"]
        one["again"] = one.get("again", 0) + (row["count"] if row["attempts"] else 0)
        one["oldest_at"] = min(row["oldest"], one.get("oldest_at") or row["oldest"])
    return tuple(Sending(**one) for one in found.values())
