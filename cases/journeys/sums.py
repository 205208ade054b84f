"""Journeys and cues as sums by the day on which journeys began: what they are, and reading them."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db.models import Count, F, Q, QuerySet, Subquery

from cases.journeys.listing import UNDER_WAY, is_at, is_late
from cases.journeys.models import Journey, JourneyReader, JourneySum, StepRun
from cases.journeys.types import JourneyState, StepState
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Place:
    """What sums are told apart by, besides their day.

    Attributes:
        key: Of a cue; empty for journeys themselves.
    """

    version: int
    queue: int
    state: str
    key: str


def summed_at() -> datetime | None:
    """Return as of when the sums are; None where there are none yet: one query."""
    return JourneyReader.objects.values_list("read_at", flat=True).first()


def summed_column() -> Subquery:
    """Return ``summed_at`` as a column of other rows, where those are read anyway."""
    return Subquery(JourneyReader.objects.order_by("pk").values("read_at")[:1])


def list_sums(
    *, authority: Authority, since: datetime, queue: str = "", keys: bool
) -> QuerySet[JourneySum]:
    """Return the sums of journeys that began from a day on, and of those under way.

    Args:
        authority: Who looks; only cases they may see are counted.
        since: The beginning of a day of UTC.
        queue: Key of the queue the cases are in; empty for every queue.
        keys: Whether cues are wanted, or journeys.
    """
    rows = JourneySum.objects.filter(
        Q(day__gte=since.astimezone(UTC).date()) | Q(state__in=UNDER_WAY)
    )
    rows = rows.exclude(key="") if keys else rows.filter(key="")
    if queue:
        rows = rows.filter(queue__key=queue)
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    return rows if queues is None else rows.filter(queue_id__in=queues)


def day_begins(at: datetime) -> datetime:
    """Return when the day of UTC began that a moment falls on: what sums are cut by."""
    return datetime.combine(at.astimezone(UTC).date(), time(), UTC)


def rows_of_day(*, day: date, now: datetime) -> list[JourneySum]:
    """Return the sums of a day from its journeys, not written yet: four queries.

    Args:
        day: Of UTC.
        now: What counts as past a deadline.
    """
    begins = datetime.combine(day, time(), UTC)
    journeys = Q(started_at__gte=begins, started_at__lt=begins + timedelta(days=1))
    steps = Q(journey__started_at__gte=begins, journey__started_at__lt=begins + timedelta(days=1))
    rows = {**_journeys(journeys), **_cues(steps, now)}
    _tell_overdue(rows, steps, now)
    _tell_minutes(rows, journeys)
    return [
        JourneySum(
            day=day, version_id=at.version, queue_id=at.queue, state=at.state, key=at.key, **counts
        )
        for at, counts in rows.items()
    ]


def _journeys(wanted: Q) -> dict[Place, dict[str, object]]:
    rows = Journey.objects.filter(wanted).order_by().values("version", "case__queue", "state")
    return {
        Place(row["version"], row["case__queue"], row["state"], ""): {"reached": row["count"]}
        for row in rows.annotate(count=Count("pk"))
    }


def _cues(wanted: Q, now: datetime) -> dict[Place, dict[str, object]]:
    late = is_late(now)
    names = ("journey__version", "journey__case__queue", "journey__state", "key")
    rows = StepRun.objects.filter(wanted).order_by().values(*names)
    counted = rows.annotate(
        reached=Count("pk", filter=Q(ready_at__isnull=False)),
        now=Count("pk", filter=is_at()),
        missed=Count("pk", filter=Q(missed_at__isnull=False) | late),
        overdue=Count("pk", filter=late),
        failed=Count("pk", filter=Q(state=StepState.FAILED, ready_at__isnull=False)),
    )
    return {
        Place(*(row[name] for name in names)): {
            name: row[name] for name in ("reached", "now", "missed", "overdue", "failed")
        }
        for row in counted
    }


def _tell_overdue(rows: dict[Place, dict[str, object]], wanted: Q, now: datetime) -> None:
    names = ("journey__version", "journey__case__queue", "journey__state")
    late = StepRun.objects.filter(wanted, is_late(now)).order_by().values_list(*names)
    for version, queue, state, count in late.annotate(count=Count("journey", distinct=True)):
        rows.setdefault(Place(version, queue, state, ""), {})["overdue"] = count


def _tell_minutes(rows: dict[Place, dict[str, object]], wanted: Q) -> None:
    ended = Journey.objects.filter(wanted, state=JourneyState.COMPLETED, ended_at__isnull=False)
    lengths = ended.values_list("version", "case__queue", F("ended_at") - F("started_at"))
    minutes: dict[Place, Counter[str]] = {}
    for version, queue, length in lengths:
        at = Place(version, queue, str(JourneyState.COMPLETED), "")
        minutes.setdefault(at, Counter())[str(length // _MINUTE)] += 1
    for at, counts in minutes.items():
        rows.setdefault(at, {})["minutes"] = dict(sorted(counts.items()))


def days_of(*, cases: Collection[str]) -> set[date]:
    """Return the days on which journeys of some cases began: one query.

    Args:
        cases: Public ids.
    """
    rows = Journey.objects.filter(case__public_id__in=cases).values_list("started_at", flat=True)
    return {at.astimezone(UTC).date() for at in rows}


def all_days() -> list[date]:
    """Return every day on which a journey began, the newest first."""
    rows = Journey.objects.datetimes("started_at", "day", order="DESC", tzinfo=UTC)
    return [one.astimezone(UTC).date() for one in rows]
