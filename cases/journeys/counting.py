"""How many cases reached a cue, are there now and missed it; counts of one version alone.

Read from the sums by the day where there are any, as of when these were made; else from the
journeys themselves.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from cases.journeys.listing import UNDER_WAY, is_at, is_late, readable_journeys
from cases.journeys.models import CueSheetVersion, JourneySum, StepRun
from cases.journeys.sums import list_sums
from cases.journeys.types import JourneyState, StepState
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from orchestra.core.together import Reading, answer, read


@dataclass(frozen=True, slots=True)
class CueCounts:
    """Cases at one cue.

    Attributes:
        reached: How many came to it at all.
        now: How many are there now.
        missed: How many were past its deadline before it was done.
        overdue: How many are past it now.
    """

    reached: int = 0
    now: int = 0
    missed: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class SheetCounts:
    """Journeys of one cue sheet.

    Attributes:
        minutes: How many of the complete ones took so many whole minutes.
        endings: How many stand in each state.
    """

    started: int = 0
    now: int = 0
    overdue: int = 0
    minutes: Mapping[int, int] = field(default_factory=dict)
    endings: Mapping[JourneyState, int] = field(
        default_factory=lambda: dict.fromkeys(JourneyState, 0)
    )

    @property
    def timed(self) -> int:
        """How many are complete."""
        return sum(self.minutes.values())

    @property
    def median_hours(self) -> float | None:
        """How long the middle one took, to the minute; None of none."""
        ordered = sorted(self.minutes.items())
        ends = list(accumulate(count for _minutes, count in ordered))
        if not ends:
            return None
        middle = [
            ordered[bisect_right(ends, place)][0] for place in ((ends[-1] - 1) // 2, ends[-1] // 2)
        ]
        return sum(middle) / 2 / 60


def count_cues(
    *,
    authority: Authority,
    version: CueSheetVersion,
    since: datetime,
    now: datetime,
    queue: str = "",
    is_summed: bool = False,
) -> dict[str, CueCounts]:
    """Return the counts of every cue of a version, by key: one query.

    Args:
        authority: Who looks; only cases they may see are counted.
        version: The version; journeys on another are never among them.
        since: Journeys that began from then on, and those that run still.
        now: What counts as overdue.
        queue: Key of the queue the cases are in; empty for every queue.
        is_summed: Whether to read the sums; ``since`` then begins a day of UTC.
    """
    if is_summed:
        sums = list_sums(authority=authority, since=since, queue=queue, keys=True)
        names = ("reached", "now", "missed", "overdue")
        totals = sums.filter(version=version).order_by().values_list("key")
        counted: Iterable[tuple[str, *tuple[int, ...]]] = totals.annotate(
            **{f"of_{name}": Sum(name) for name in names}
        )
        return {key: CueCounts(*counts) for key, *counts in counted}
    late = is_late(now)
    journeys = readable_journeys(authority=authority, since=since, queue=queue)
    rows = (
        StepRun.objects.filter(journey__in=journeys.filter(version=version))
        .values("key")
        .annotate(
            reached=Count("pk", filter=Q(ready_at__isnull=False)),
            now=Count("pk", filter=is_at()),
            missed=Count("pk", filter=Q(missed_at__isnull=False) | late),
            overdue=Count("pk", filter=late),
        )
        .order_by()
    )
    return {
        row["key"]: CueCounts(row["reached"], row["now"], row["missed"], row["overdue"])
        for row in rows
    }


def count_sheets(
    *,
    authority: Authority,
    since: datetime,
    now: datetime,
    queue: str = "",
    is_summed: bool = False,
) -> dict[int, SheetCounts]:
    """Return the counts of every version, by its internal key: three queries, of sums one."""
    if is_summed:
        sums = list_sums(authority=authority, since=since, queue=queue, keys=False)
        return _of_sums(sums, since.astimezone(UTC).date())
    journeys = readable_journeys(authority=authority, since=since, queue=queue)
    started: Counter[int] = Counter()
    states: dict[int, Counter[JourneyState]] = {}
    counted = (
        journeys.values_list("version_id", "state")
        .annotate(count=Count("pk"), begun=Count("pk", filter=Q(started_at__gte=since)))
        .order_by()
    )
    for version_id, state, count, begun in counted:
        states.setdefault(version_id, Counter())[JourneyState(state)] = count
        started[version_id] += begun
    late = dict(
        StepRun.objects.filter(is_late(now), journey__in=journeys)
        .values("journey__version_id")
        .annotate(cases=Count("journey_id", distinct=True))
        .order_by()
        .values_list("journey__version_id", "cases")
    )
    took: dict[int, Counter[int]] = {}
    ended = journeys.filter(state=JourneyState.COMPLETED, ended_at__isnull=False)
    for version_id, length in ended.values_list("version_id", F("ended_at") - F("started_at")):
        took.setdefault(version_id, Counter())[length // timedelta(minutes=1)] += 1
    return {
        version_id: _sheet(
            found, started[version_id], late.get(version_id, 0), took.get(version_id, Counter())
        )
        for version_id, found in states.items()
    }


def _of_sums(sums: QuerySet[JourneySum], first: date) -> dict[int, SheetCounts]:
    started: Counter[int] = Counter()
    late: Counter[int] = Counter()
    states: dict[int, Counter[JourneyState]] = {}
    took: dict[int, Counter[int]] = {}
    names = ("version_id", "day", "state", "reached", "overdue", "minutes")
    for version_id, day, state, count, overdue, minutes in sums.values_list(*names):
        states.setdefault(version_id, Counter())[JourneyState(state)] += count
        late[version_id] += overdue
        if day >= first:
            started[version_id] += count
        took.setdefault(version_id, Counter()).update(
            {int(length): ended for length, ended in minutes.items()}
        )
    return {
        version_id: _sheet(found, started[version_id], late[version_id], took[version_id])
        for version_id, found in states.items()
    }


def _sheet(
    found: Counter[JourneyState], started: int, overdue: int, minutes: Counter[int]
) -> SheetCounts:
    return SheetCounts(
        started=started,
        now=sum(found[state] for state in UNDER_WAY),
        overdue=overdue,
        minutes=minutes,
        endings={state: found[state] for state in JourneyState},
    )


def failed_shares(
    *, authority: Authority, since: datetime, is_summed: bool = False
) -> dict[int, float]:
    """Return the share of steps that failed, of those ready in journeys begun of late: one query.

    Args:
        authority: Who looks; only cases they may see are counted.
        since: Journeys that began from then on.
        is_summed: Whether to read the sums; ``since`` then begins a day of UTC.

    Returns:
        By the key of the queue that the cases are in, 0 to 1.
    """
    return answer(reading_failed_shares(authority=authority, since=since, is_summed=is_summed))


def reading_failed_shares(
    *, authority: Authority, since: datetime, is_summed: bool = False
) -> Reading[dict[int, float]]:
    """Come to the share of steps that failed, as ``failed_shares`` returns it."""
    counted: QuerySet[Any, tuple[int, int, int]]
    if is_summed:
        sums = list_sums(authority=authority, since=since, keys=True)
        rows = sums.filter(day__gte=since.astimezone(UTC).date()).order_by().values_list("queue")
        counted = rows.annotate(began=Sum("reached"), went=Sum("failed"))
    else:
        journeys = readable_journeys(authority=authority)
        steps = StepRun.objects.filter(
            journey__in=journeys.filter(started_at__gte=since), ready_at__isnull=False
        )
        counted = (
            steps.order_by()
            .values_list("journey__case__queue")
            .annotate(began=Count("pk"), went=Count("pk", filter=Q(state=StepState.FAILED)))
        )
    found = yield from read(counted)
    return {queue: went / began for queue, began, went in found if began}


def list_overdue(
    *,
    authority: Authority,
    version: CueSheetVersion,
    now: datetime,
    queue: str = "",
    most: int = 50,
) -> list[StepRun]:
    """Return the steps past their deadline now, longest first, with their case."""
    rows = StepRun.objects.filter(is_late(now), journey__version=version)
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    if queues is not None:
        rows = rows.filter(journey__case__queue__in=queues)
    if queue:
        rows = rows.filter(journey__case__queue__key=queue)
    return list(rows.select_related("journey__case").order_by("due_at", "pk")[:most])
