"""How many cases reached a cue, are there now and missed it; counts of one version alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, F, Q

from cases.journeys.listing import UNDER_WAY, is_at, is_late, readable_journeys
from cases.journeys.models import CueSheetVersion, StepRun
from cases.journeys.types import JourneyState
from governance.access.types import Authority


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
        hours: How long the ended ones took, in hours, ascending.
        endings: How many stand in each state.
    """

    started: int = 0
    now: int = 0
    overdue: int = 0
    hours: tuple[float, ...] = ()
    endings: Mapping[JourneyState, int] = field(
        default_factory=lambda: dict.fromkeys(JourneyState, 0)
    )


def count_cues(
    *,
    authority: Authority,
    version: CueSheetVersion,
    since: datetime,
    now: datetime,
    queue: str = "",
) -> dict[str, CueCounts]:
    """Return the counts of every cue of a version, by key: one query.

    Args:
        authority: Who looks; only cases they may see are counted.
        version: The version; journeys on another are never among them.
        since: Journeys that began from then on, and those that run still.
        now: What counts as overdue.
        queue: Key of the queue the cases are in; empty for every queue.
    """
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
    *, authority: Authority, since: datetime, now: datetime, queue: str = ""
) -> dict[int, SheetCounts]:
    """Return the counts of every version, by its internal key: three queries."""
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
    took: dict[int, list[float]] = {}
    ended = journeys.filter(state=JourneyState.COMPLETED, ended_at__isnull=False)
    for version_id, length in ended.values_list("version_id", F("ended_at") - F("started_at")):
        took.setdefault(version_id, []).append(length / timedelta(hours=1))
    return {
        version_id: SheetCounts(
            started=started[version_id],
            now=sum(found[state] for state in UNDER_WAY),
            overdue=late.get(version_id, 0),
            hours=tuple(sorted(took.get(version_id, []))),
            endings={state: found[state] for state in JourneyState},
        )
        for version_id, found in states.items()
    }


def list_overdue(
    *,
    authority: Authority,
    version: CueSheetVersion,
    now: datetime,
    queue: str = "",
    most: int = 50,
) -> list[StepRun]:
    """Return the steps past their deadline now, longest first, with their case."""
    journeys = readable_journeys(authority=authority, since=now, queue=queue)
    rows = StepRun.objects.filter(is_late(now), journey__in=journeys.filter(version=version))
    return list(rows.select_related("journey__case").order_by("due_at", "pk")[:most])
