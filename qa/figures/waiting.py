"""What waits for a person of quality, and what the automatic checks looked at."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q

from orchestra.core.together import Reading, all_of, read, read_sums
from qa.figures.frames import reading_held
from qa.figures.types import InFrame
from qa.findings.models import Finding
from qa.findings.types import CheckResult, FindingState
from qa.population.types import SumsStanding
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling.models import SamplePeriod

#: So many findings are counted; there being more is enough to know.
MOST_WAITING = 999
_OPEN = (ReviewState.WAITING, ReviewState.TAKEN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is left to do.

    Attributes:
        mine: Drawn reviews of the person, not submitted yet; gold items look like all others.
        mine_due_at: When the first of them is due.
        unassigned: Drawn reviews that nobody has.
        directed: Open reviews that somebody asked for; never part of an estimate.
        findings: Findings nobody has looked at, at most one more than ``MOST_WAITING``.
        oldest_at: When the oldest of those was found; None of none, and of more.
        calibration: Open reviews of the person in calibration sessions.
    """

    mine: int
    mine_due_at: datetime | None
    unassigned: int
    directed: int
    directed_due_at: datetime | None
    findings: int
    oldest_at: datetime | None
    calibration: int
    calibration_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Late:
    """What is late of one person, or of nobody.

    Attributes:
        who: Their name; empty for nobody.
        count: Open reviews that were due before now.
        due_at: When the first of them was.
    """

    who: str
    count: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one check did with the units of a period.

    Attributes:
        total: Units of the period.
        checked: Found something or found it fine.
        not_checked: Reason to how many; units that it never ran on count under ``not_run``.
    """

    check: str
    series: str
    total: int
    checked: int
    does_not_apply: int
    found: int
    not_checked: dict[str, int] = field(default_factory=dict)


def reading_waiting(*, reviewer: int | None) -> Reading[Waiting]:
    """Come to what waits for one person: two queries, asked together."""
    mine = Q(reviewer=reviewer)
    drawn = Q(drawn__isnull=False, kind__in=[ReviewKind.FIRST, ReviewKind.SECOND, ReviewKind.GOLD])
    gold = Q(kind=ReviewKind.GOLD)
    directed = Q(drawn__isnull=True, kind=ReviewKind.FIRST)
    session = mine & Q(kind=ReviewKind.CALIBRATION)
    own = mine & (drawn | gold)
    reviews = read_sums(
        Review.objects.filter(state__in=_OPEN),
        mine=Count("pk", filter=own),
        mine_due_at=Min("due_at", filter=own),
        unassigned=Count("pk", filter=drawn & Q(reviewer__isnull=True)),
        directed=Count("pk", filter=directed),
        directed_due_at=Min("due_at", filter=directed),
        calibration=Count("pk", filter=session),
        calibration_due_at=Min("due_at", filter=session),
    )
    found = yield from all_of({"reviews": reviews, "findings": _unseen()})
    return Waiting(**found["reviews"], **found["findings"])


def _unseen() -> Reading[dict[str, Any]]:
    """Come to how many findings wait and since when: one query off their index.

    Of more than ``MOST_WAITING`` it is not told which is the oldest.
    """
    waiting = Finding.objects.filter(state=FindingState.UNSEEN).order_by("harm", "-pk")
    found = yield from read(waiting.values_list("found_at", flat=True)[: MOST_WAITING + 1])
    oldest_at = min(found, default=None) if len(found) <= MOST_WAITING else None
    return {"findings": len(found), "oldest_at": oldest_at}


def reading_late(*, now: datetime, reviewer: int | None = None) -> Reading[list[Late]]:
    """Come to whose drawn and directed reviews are late, the longest first: one query.

    Calibration is told to its own people only; a gold item looks like any other review.

    Args:
        now: When, UTC.
        reviewer: Only what is late of one person; None for everybody's and nobody's.
    """
    rows = Review.objects.filter(state__in=_OPEN, due_at__lt=now).exclude(
        kind=ReviewKind.CALIBRATION
    )
    if reviewer is not None:
        rows = rows.filter(reviewer=reviewer)
    names = ("reviewer__first_name", "reviewer__last_name", "reviewer__username")
    found = rows.values("reviewer", *names).annotate(count=Count("pk"), first=Min("due_at"))
    return [
        Late(
            who=" ".join(filter(None, (row[names[0]], row[names[1]]))) or row[names[2]] or "",
            count=row["count"],
            due_at=row["first"],
        )
        for row in (yield from read(found.order_by("first", "reviewer")))
    ]


def reading_coverage(*, period: str, total: int, standing: SumsStanding) -> Reading[list[Coverage]]:
    """Come to what each check did with a period's units, by check: two queries at most.

    Args:
        period: Public id of the period.
        total: Units in its frame.
        standing: How the sums stand.
    """
    keys = SamplePeriod.objects.filter(public_id=period).values("pk")
    results: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    held = yield from reading_held(periods=keys, kinds=[InFrame.CHECK], standing=standing)
    for one in held:
        place = (one.check_key, one.series)
        results[place][one.value] += one.count
        if one.value == CheckResult.SKIPPED:
            reasons[place][one.why] += one.count
    return [_covered(place, results[place], reasons[place], total) for place in sorted(results)]


def _covered(
    place: tuple[str, str], results: Counter[str], reasons: Counter[str], total: int
) -> Coverage:
    found = results[CheckResult.FOUND]
    never = total - results.total()
    why = dict(reasons.most_common())
    if never > 0:
        why["not_run"] = never
    return Coverage(
        check=place[0],
        series=place[1],
        total=total,
        checked=found + results[CheckResult.FINE],
        does_not_apply=results[CheckResult.DOES_NOT_APPLY],
        found=found,
        not_checked=why,
    )
