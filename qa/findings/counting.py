"""What checks and findings come to: by the day from sums, and what changed since as it is.

Both are read in the same shape, so that a figure is the same whichever way it was counted.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import reduce
from typing import Any, Final

from django.db.models import BooleanField, CharField, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models import Case as Choose

from qa.findings.models import CheckSum, Finding, UnitCheck
from qa.findings.types import Summed
from qa.population.models import SamplingUnit
from qa.population.selectors import ended_on
from qa.population.types import SumsStanding, Unit

#: What rows are told apart by, besides their day.
NAMES: Final = (
    "what",
    "queue_id",
    "ai_version",
    "is_left_out",
    "check_key",
    "series",
    "value",
    "why",
)
_TEXT: Final = CharField()


@dataclass(frozen=True, slots=True)
class Span:
    """Which units are counted; empty does not narrow.

    Attributes:
        since: Those that ended from then on.
        until: Those that ended before.
        ai_version: As units name it.
        queues: Keys of the queues whose cases may be read; None for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    ai_version: str = ""
    queues: frozenset[int] | None = None

    @property
    def days(self) -> bool:
        """Whether it begins and ends with a day of UTC, so that sums by the day fit it."""
        ends = [one.astimezone(UTC) for one in (self.since, self.until) if one is not None]
        return all(one.time() == time() for one in ends)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are of one kind.

    Attributes:
        what: What is counted.
        is_left_out: Whether its units are left out of the population.
        value: Result of a check, or state of a finding.
        why: Why a check read nothing.
    """

    what: Summed
    is_left_out: bool
    check_key: str
    series: str
    value: str
    why: str
    count: int


def list_counted(*, span: Span, standing: SumsStanding) -> Iterator[Counted]:
    """Yield what was counted in a span: two queries, or one where nothing is summed.

    Args:
        span: Which units.
        standing: How the sums stand; without any everything is counted as it is.
    """
    if standing.made_at is None or not span.days:
        yield from _told(_as_they_are(_of_units(span)))
        return
    yield from _told(_summed(span, standing.changed))
    if standing.changed:
        yield from _told(_as_they_are(_of_units(span, standing.changed)))


def rows_of_day(day: date) -> list[CheckSum]:
    """Return the sums of a day from the rows themselves, not written yet: one query."""
    rows = _as_they_are(lambda path: ended_on([day], path), tells_all=True)
    return [CheckSum(day=day, **row) for row in rows]


def _of_units(span: Span, days: Iterable[date] | None = None) -> Any:
    return lambda path: _narrowing(span, path) & (Q() if days is None else ended_on(days, path))


def _narrowing(span: Span, path: str) -> Q:
    found = Q()
    if span.since:
        found &= Q(**{f"{path}ended_at__gte": span.since})
    if span.until:
        found &= Q(**{f"{path}ended_at__lt": span.until})
    if span.ai_version:
        found &= Q(**{f"{path}ai_version": span.ai_version})
    if span.queues is not None:
        found &= Q(**{f"{path}case__queue_id__in": span.queues})
    return found


def _summed(span: Span, changed: Iterable[date]) -> Iterable[Mapping[str, Any]]:
    rows = CheckSum.objects.exclude(day__in=list(changed))
    if span.since:
        rows = rows.filter(day__gte=span.since.astimezone(UTC).date())
    if span.until:
        rows = rows.filter(day__lt=span.until.astimezone(UTC).date())
    if span.ai_version:
        rows = rows.filter(ai_version=span.ai_version)
    if span.queues is not None:
        rows = rows.filter(queue_id__in=span.queues)
    names = [name for name in NAMES if name not in {"queue_id", "ai_version"}]
    found: Iterable[Mapping[str, Any]] = (
        rows.order_by().values(*names).annotate(number=Sum("count"))
    )
    return found


def _as_they_are(narrow: Any, *, tells_all: bool = False) -> Iterable[dict[str, Any]]:
    """Return units, checks and findings by their kind, in one query."""
    units = SamplingUnit.objects.filter(narrow(""), kind=Unit.INTERACTION)
    parts = (
        _part(units, Summed.UNIT, "", check="", series="", value="", why=""),
        _part(UnitCheck.objects.filter(narrow("unit__")), Summed.CHECK, "unit__",
              check="check_key", series="series", value="result", why="why"),
        _part(Finding.objects.filter(narrow("unit__")), Summed.FINDING, "unit__",
              check="check_row__check_key", series="check_row__series", value="state", why=""),
    )  # fmt: skip
    rows = reduce(lambda one, other: one.union(other, all=True), parts)
    for what, queue, version, is_left_out, *rest, count in rows:
        check, series, value, why = rest
        row = {
            "what": what,
            "is_left_out": bool(is_left_out),
            "check_key": check,
            "series": series,
            "value": value,
            "why": why,
            "count": count,
        }
        yield row | ({"queue_id": queue, "ai_version": version} if tells_all else {})


def _part(
    rows: QuerySet[Any], what: Summed, path: str, **columns: str
) -> QuerySet[Any, tuple[Any, ...]]:
    named = {
        "sum_what": Value(str(what), _TEXT),
        "sum_queue": F(f"{path}case__queue_id"),
        "sum_version": F(f"{path}ai_version"),
        "sum_left_out": Choose(
            When(**{f"{path}left_out": ""}, then=Value(False)),  # noqa: FBT003  a value of SQL
            default=Value(True),  # noqa: FBT003  a value of SQL
            output_field=BooleanField(),
        ),
        **{
            f"sum_{name}": F(column) if column else Value("", _TEXT)
            for name, column in columns.items()
        },
    }
    found = rows.order_by().annotate(**named).values(*named)
    counted: QuerySet[Any, tuple[Any, ...]] = found.annotate(sum_count=Count("pk")).values_list(
        *named, "sum_count"
    )
    return counted


def _told(rows: Iterable[Mapping[str, Any]]) -> Iterator[Counted]:
    for row in rows:
        yield Counted(
            what=Summed(row["what"]),
            is_left_out=row["is_left_out"],
            check_key=row["check_key"],
            series=row["series"],
            value=row["value"],
            why=row["why"],
            count=row["number"] if "number" in row else row["count"],
        )
