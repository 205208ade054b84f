"""What the frames of periods hold: by the day from sums, and what changed since as it is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any, Final

from django.db.models import CharField, Count, F, IntegerField, Q, QuerySet, Sum, Value

from orchestra.core.together import Reading, all_of, answer, read
from qa.figures.models import FrameSum
from qa.figures.types import InFrame
from qa.findings.models import UnitCheck, UnitVerdict
from qa.population.selectors import ended_on
from qa.population.types import SumsStanding
from qa.sampling.models import FrameUnit

_NAMES: Final = ("period_id", "what", "stratum", "check_key", "series", "value", "why")
_COLUMNS: Final = ("period_id", "stratum", "check_key", "series", "value", "why")
_TEXT: Final = CharField()
SIZES: Final = (InFrame.UNIT, InFrame.VERDICT)


@dataclass(frozen=True, slots=True)
class Held:
    """How much of one kind the frame of a period holds.

    Attributes:
        period: Its key.
        value: Result of a check.
        passed: Of the verdicts counted, those that passed.
    """

    period: int
    what: InFrame
    stratum: str
    check_key: str
    series: str
    value: str
    why: str
    count: int
    passed: int


def reading_held(
    *,
    periods: Collection[int] | QuerySet[Any],
    kinds: Collection[InFrame],
    standing: SumsStanding,
    as_of: datetime | None = None,
) -> Reading[list[Held]]:
    """Come to what the frames of some periods hold: two queries, or one where nothing is summed.

    Args:
        periods: Their keys, or a query of them.
        kinds: What is wanted.
        standing: How the sums stand; without any everything is counted as it is.
        as_of: Up to when verdicts count; what was so before the sums were last made is counted
            from the verdicts themselves.
    """
    made_at = standing.made_at
    if made_at is None or (as_of is not None and as_of < made_at):
        return _told((yield from _as_they_are(periods, Q(), kinds, as_of)))
    sums = FrameSum.objects.filter(period__in=periods, what__in=kinds)
    rows = sums.exclude(day__in=list(standing.changed)).order_by().values(*_NAMES)
    parts: dict[str, Reading[Any]] = {
        "summed": read(rows.annotate(number=Sum("count"), good=Sum("passed")))
    }
    if standing.changed:
        days = ended_on(standing.changed, "unit__")
        parts["changed"] = _as_they_are(periods, days, kinds, as_of)
    found = yield from all_of(parts)
    return [one for rows in found.values() for one in _told(rows)]


def rows_of_day(day: date) -> list[FrameSum]:
    """Return the sums of a day from the rows themselves, not written yet: one query."""
    rows = answer(_as_they_are(None, ended_on([day], "unit__"), tuple(InFrame), None))
    return [
        FrameSum(
            day=day, count=row["number"], passed=row["good"], **{name: row[name] for name in _NAMES}
        )
        for row in rows
    ]


def _as_they_are(
    periods: Collection[int] | QuerySet[Any] | None,
    days: Q,
    kinds: Iterable[InFrame],
    as_of: datetime | None,
) -> Reading[list[dict[str, Any]]]:
    """Come to units, verdicts and checks of frames by their kind, in one query."""
    of_unit = Q(unit__frames__isnull=False)
    frame = FrameUnit.objects.filter(days).order_by()
    if periods is not None:
        of_unit = Q(unit__frames__period__in=periods)
        frame = frame.filter(period__in=periods)
    verdicts = UnitVerdict.objects.filter(of_unit, days).order_by()
    if as_of is not None:
        verdicts = verdicts.filter(at__lte=as_of)
    checks = UnitCheck.objects.filter(of_unit, days).order_by()
    parts = {
        InFrame.UNIT: lambda: _part(frame, InFrame.UNIT, period="period", stratum="stratum"),
        InFrame.VERDICT: lambda: _part(
            verdicts,
            InFrame.VERDICT,
            period="unit__frames__period",
            stratum="unit__frames__stratum",
            series="series",
            passed=Count("pk", filter=Q(would_pass=True)),
        ),
        InFrame.CHECK: lambda: _part(
            checks,
            InFrame.CHECK,
            period="unit__frames__period",
            check_key="check_key",
            series="series",
            value="result",
            why="why",
        ),
    }
    rows = reduce(lambda one, other: one.union(other, all=True), (parts[one]() for one in kinds))
    names = ("what", *_COLUMNS, "number", "good")
    return [dict(zip(names, row, strict=True)) for row in (yield from read(rows))]


def _part(
    rows: QuerySet[Any], what: InFrame, *, period: str, passed: Any = None, **columns: str
) -> QuerySet[Any, tuple[Any, ...]]:
    named = {"held_what": Value(str(what), _TEXT), "held_period": F(period)}
    for name in _COLUMNS[1:]:
        column = columns.get(name)
        named[f"held_{name}"] = F(column) if column else Value("", _TEXT)
    good = Value(0, IntegerField()) if passed is None else passed
    found = rows.annotate(**named).values(*named)
    counts = {"held_count": Count("pk"), "held_passed": good}
    counted: QuerySet[Any, tuple[Any, ...]] = found.annotate(**counts).values_list(*named, *counts)
    return counted


def _told(rows: Iterable[Mapping[str, Any]]) -> list[Held]:
    return [
        Held(
            period=row["period_id"],
            what=InFrame(row["what"]),
            stratum=row["stratum"],
            check_key=row["check_key"],
            series=row["series"],
            value=row["value"],
            why=row["why"],
            count=row["number"],
            passed=row["good"],
        )
        for row in rows
    ]
