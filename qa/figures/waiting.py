"""What waits for a person of quality, and what the automatic checks looked at."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Min, Q

from qa.findings.models import Finding, UnitCheck
from qa.findings.types import CheckResult, FindingState
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState

_OPEN = (ReviewState.WAITING, ReviewState.TAKEN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is left to do.

    Attributes:
        mine: Drawn reviews of the person, not submitted yet; gold items look like all others.
        mine_due_at: When the first of them is due.
        unassigned: Drawn reviews that nobody has.
        directed: Open reviews that somebody asked for; never part of an estimate.
        findings: Findings nobody has looked at.
        oldest_at: When the oldest of those was found.
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


def count_waiting(*, reviewer: int | None) -> Waiting:
    """Return what waits for one person: two queries."""
    mine = Q(reviewer=reviewer)
    drawn = Q(drawn__isnull=False, kind__in=[ReviewKind.FIRST, ReviewKind.SECOND, ReviewKind.GOLD])
    gold = Q(kind=ReviewKind.GOLD)
    directed = Q(drawn__isnull=True, kind=ReviewKind.FIRST)
    session = mine & Q(kind=ReviewKind.CALIBRATION)
    own = mine & (drawn | gold)
    found = Review.objects.filter(state__in=_OPEN).aggregate(
        mine=Count("pk", filter=own),
        mine_due_at=Min("due_at", filter=own),
        unassigned=Count("pk", filter=drawn & Q(reviewer__isnull=True)),
        directed=Count("pk", filter=directed),
        directed_due_at=Min("due_at", filter=directed),
        calibration=Count("pk", filter=session),
        calibration_due_at=Min("due_at", filter=session),
    )
    unseen = Finding.objects.filter(state=FindingState.UNSEEN).aggregate(
        findings=Count("pk"), oldest_at=Min("found_at")
    )
    return Waiting(**found, **unseen)


def list_late(*, now: datetime, reviewer: int | None = None) -> list[Late]:
    """Return whose drawn and directed reviews are late, the longest first: one query.

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
        for row in found.order_by("first", "reviewer")
    ]


def list_coverage(*, period: str, total: int) -> list[Coverage]:
    """Return what each check did with a period's units, by check: one query.

    Args:
        period: Public id of the period.
        total: Units in its frame.
    """
    rows = (
        UnitCheck.objects.filter(unit__frames__period__public_id=period)
        .values("check_key", "series", "result", "why")
        .annotate(count=Count("pk"))
    )
    results: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    reasons: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        place = (row["check_key"], row["series"])
        results[place][row["result"]] += row["count"]
        if row["result"] == CheckResult.SKIPPED:
            reasons[place][row["why"]] += row["count"]
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
