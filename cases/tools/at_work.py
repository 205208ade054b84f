"""How each connection does at its work now: what the operations page and a scrape show."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Count, Q
from prometheus_client.core import GaugeMetricFamily, Metric

from cases.tools.models import Connection, ToolAttempt, ToolCall
from cases.tools.types import AttemptOutcome, CallState
from governance.liveness.rules import Standing
from governance.liveness.selectors import reading_standings
from orchestra.core import clock
from orchestra.core.together import Reading, all_of, answer, read

#: How far back figures reach: an hour, and no further than so many attempts of all connections.
SPAN: Final = timedelta(hours=1)
NEWEST: Final = 5_000
#: A refusal is an answer: the system works, and says no. What came too late had no say.
_WORKED: Final = frozenset({AttemptOutcome.ANSWERED, AttemptOutcome.REFUSED})
_FAILED: Final = frozenset({AttemptOutcome.ERROR, AttemptOutcome.UNKNOWN})
_WAITS: Final = (CallState.READY, CallState.EXECUTING, CallState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt that ended, as far as it counts here."""

    connection: str
    outcome: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Figures:
    """What the newest attempts say of a connection.

    Attributes:
        tried: How many ended within the span with an answer or without.
        failed: How many of these brought none.
        worked_at: When one last brought an answer; None where none of the newest did.
    """

    tried: int = 0
    failed: int = 0
    worked_at: datetime | None = None

    @property
    def failed_share(self) -> float:
        """The share of attempts that failed, 0 to 1; 0 where there were none."""
        return self.failed / self.tried if self.tried else 0.0


@dataclass(frozen=True, slots=True)
class AtWork:
    """One connection at its work.

    Attributes:
        standing: Whether the processes that call leave it alone.
        waiting: Calls that are ready and wait for their turn; ``running`` are under way.
        unknown: Calls of which nobody knows whether they happened.
    """

    connection: Connection
    standing: Standing = field(default_factory=Standing)
    figures: Figures = field(default_factory=Figures)
    waiting: int = 0
    running: int = 0
    unknown: int = 0


def figures_of(tried: Iterable[Tried], *, now: datetime) -> dict[str, Figures]:
    """Return the figures of each connection that was tried; pure.

    Args:
        tried: Attempts that ended, in any order.
        now: The end of the span.
    """
    grouped: dict[str, list[Tried]] = defaultdict(list)
    for one in tried:
        grouped[one.connection].append(one)
    return {key: _figures(each, now - SPAN) for key, each in grouped.items()}


def _figures(tried: Sequence[Tried], since: datetime) -> Figures:
    recent = [one.outcome for one in tried if one.ended_at > since]
    failed = sum(outcome in _FAILED for outcome in recent)
    worked = [one.ended_at for one in tried if one.outcome in _WORKED]
    return Figures(
        tried=failed + sum(outcome in _WORKED for outcome in recent),
        failed=failed,
        worked_at=max(worked, default=None),
    )


def list_at_work(*, now: datetime) -> list[AtWork]:
    """Return every connection at its work, by title: one trip, each of its reads bounded.

    Args:
        now: The moment of the question.
    """
    return answer(reading_at_work(now=now))


def reading_at_work(*, now: datetime) -> Reading[list[AtWork]]:
    """Come to every connection at its work, as ``list_at_work`` returns it."""
    found = yield from all_of(
        {
            "alone": reading_standings(now),
            "newest": _reading_newest(),
            "waits": _reading_waits(),
            "connections": read(Connection.objects.order_by("title", "key")),
        }
    )
    alone, waits = found["alone"], found["waits"]
    figures = figures_of(found["newest"], now=now)
    return [
        AtWork(
            connection=row,
            standing=alone.get(row.key, Standing()),
            figures=figures.get(row.key, Figures()),
            waiting=waits.get((row.key, CallState.READY), 0),
            running=waits.get((row.key, CallState.EXECUTING), 0),
            unknown=waits.get((row.key, CallState.UNKNOWN), 0),
        )
        for row in found["connections"]
    ]


def collect_at_work() -> Iterator[Metric]:
    """Yield what the operations page shows, by connection: one trip."""
    wanted = {
        "tried": ("connection_attempts_hour", "Attempts that ended in the last hour."),
        "failed": ("connection_failures_hour", "Attempts of the last hour without an answer."),
        "waiting": ("connection_calls_waiting", "Calls that wait for their turn."),
        "unknown": ("connection_calls_unknown", "Calls whose outcome nobody knows."),
    }
    families = {
        name: GaugeMetricFamily(f"orchestra_{metric}", text, labels=["connection"])
        for name, (metric, text) in wanted.items()
    }
    for one in list_at_work(now=clock.now()):
        key = one.connection.key
        families["tried"].add_metric([key], one.figures.tried)
        families["failed"].add_metric([key], one.figures.failed)
        families["waiting"].add_metric([key], one.waiting)
        families["unknown"].add_metric([key], one.unknown)
    yield from families.values()


def _reading_newest() -> Reading[list[Tried]]:
    rows = ToolAttempt.objects.filter(ended_at__isnull=False).order_by("-pk")
    wanted = rows.values_list("call__tool__connection__key", "outcome", "ended_at")[:NEWEST]
    found = yield from read(wanted)
    return [Tried(key, outcome, at) for key, outcome, at in found if at is not None]


def _reading_waits() -> Reading[dict[tuple[str, str], int]]:
    # Each state has an index of its own, which a list of states would not be looked up in.
    any_of = reduce(or_, (Q(state=state) for state in _WAITS))
    rows = ToolCall.objects.filter(any_of).order_by()
    wanted = rows.values("tool__connection__key", "state").annotate(count=Count("id"))
    counted = yield from read(wanted)
    return {(row["tool__connection__key"], row["state"]): row["count"] for row in counted}
