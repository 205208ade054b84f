"""The rows that estimates rest on: only first reviews that a plan drew, up to a moment."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from orchestra.core.together import Reading, all_of, answer, ask, read
from qa.documents.selectors import versions_in_force
from qa.figures.frames import SIZES, Held, reading_held
from qa.figures.registry import reading_upheld
from qa.figures.types import InFrame, Outcome, PeriodRows, Reviewed, Stratum
from qa.findings.models import UnitVerdict
from qa.population.models import SamplingUnit
from qa.population.selectors import reading_sums_standing, sums_standing
from qa.population.types import Dimension, SumsStanding
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling.models import DrawnUnit, SamplePeriod, SamplingPlanVersion
from qa.sampling.selectors import SHELF, spec_of
from qa.sampling.types import Claim, PeriodState

#: States of a review that stands.
DONE = (ReviewState.SUBMITTED, ReviewState.RELEASED)
_DIMENSIONS = tuple(Dimension)
_COLUMNS = (
    "drawn__period",
    "drawn__stratum",
    "drawn",
    "unit",
    "unit__subject",
    "unit__case",
    "passed",
    "seconds",
    "submitted_at",
    "scorecard__scorecard__key",
    "scorecard__edition",
    *(f"unit__{one.value}" for one in _DIMENSIONS),
)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Counted:
    """What automatic checks said of one stratum's units, in one series."""

    judged: int
    would_pass: int


def find_plan(key: str = "") -> SamplingPlanVersion | None:
    """Return the version in force of a plan whose reviews estimate; the first by key."""
    return answer(reading_plan(key))


def reading_plan(
    key: str = "", *, otherwise_first: bool = False
) -> Reading[SamplingPlanVersion | None]:
    """Come to the version in force of a plan, as ``find_plan`` returns it.

    Args:
        key: Of the plan; empty for the first by key.
        otherwise_first: Whether the first stands in for one that is not there.
    """
    rows = versions_in_force(shelf=SHELF)
    if key and not otherwise_first:
        rows = rows.filter(plan__key=key)
    found = yield from read(rows)
    fit = [row for row in found if spec_of(row).claim is Claim.ESTIMATE]
    named = (row for row in fit if row.plan.key == key)
    return next(named, fit[0] if fit and (otherwise_first or not key) else None)


def list_plans() -> list[SamplingPlanVersion]:
    """Return the versions in force of every plan whose reviews estimate, by title."""
    rows = versions_in_force(shelf=SHELF).order_by("plan__title")
    return [row for row in rows if spec_of(row).claim is Claim.ESTIMATE]


def read_periods(
    *, plan: str, as_of: datetime, last: int = 13, standing: SumsStanding | None = None
) -> list[PeriodRows]:
    """Return the rows of a plan's last periods, the newest first: eight queries at most.

    Reviews and verdicts count that stood at that moment, so that an earlier figure can be
    computed again. Directed reviews, second opinions, calibration and gold items, reviews
    without a score, and whatever was skipped are not in it.

    Args:
        plan: Key of the plan, over all its versions.
        as_of: Up to when, UTC.
        last: How many periods, the present one included.
        standing: How the sums stand; read where it is not given.
    """
    return answer(reading_periods(plan=plan, as_of=as_of, last=last, standing=standing))


def reading_periods(
    *, plan: str, as_of: datetime, last: int = 13, standing: SumsStanding | None = None
) -> Reading[list[PeriodRows]]:
    """Come to the rows of a plan's last periods, as ``read_periods`` returns them."""
    rows = SamplePeriod.objects.filter(version__plan__key=plan, starts_at__lte=as_of)
    return (yield from _reading(rows.order_by("-starts_at", "-pk")[:last], as_of, standing))


def read_period(*, period: int, as_of: datetime) -> PeriodRows:
    """Return the rows of one period, by its key: eight queries at most."""
    return answer(reading_period(period=period, as_of=as_of))


def reading_period(*, period: int, as_of: datetime) -> Reading[PeriodRows]:
    """Come to the rows of one period, by its key, as ``read_period`` returns them."""
    rows = SamplePeriod.objects.filter(pk=period)
    return (yield from _reading(rows, as_of))[0]


def _reading(
    found: QuerySet[SamplePeriod], as_of: datetime, standing: SumsStanding | None = None
) -> Reading[list[PeriodRows]]:
    periods = yield from read(found.select_related("version__plan"))
    if not periods:
        return []
    keys = [period.pk for period in periods]
    if standing is None:
        standing = yield from reading_sums_standing()
    frames = yield from all_of(
        {
            "drawn": _drawn(keys),
            "held": reading_held(periods=keys, kinds=SIZES, standing=standing, as_of=as_of),
            "reviews": _first_reviews(keys, as_of),
        }
    )
    drawn, held, rows = frames["drawn"], frames["held"], frames["reviews"]
    sizes = _sizes(held)
    counted, series = _counted(held)
    of_units = yield from all_of(
        {
            "verdicts": _verdicts(rows, set(series.values()), as_of),
            "upheld": reading_upheld([row["drawn"] for row in rows]),
        }
    )
    verdicts, upheld = of_units["verdicts"], of_units["upheld"]
    targets = {one.version_id: _target(one.version) for one in periods}
    by_period: dict[int, list[Json]] = defaultdict(list)
    for row in rows:
        by_period[row["drawn__period"]].append(row)
    return [
        PeriodRows(
            plan=period.version.plan.key,
            version=period.version.number,
            period=str(period.public_id),
            starts_at=period.starts_at,
            ends_at=period.ends_at,
            state=PeriodState(period.state),
            held_reason=period.held_reason,
            frame_digest=period.frame_digest,
            series=series.get(period.pk, ""),
            editions=tuple(sorted({_edition(row) for row in by_period[period.pk]})),
            target=targets[period.version_id],
            upheld=sum(upheld.get(row["drawn"], 0) for row in by_period[period.pk]),
            strata=_strata(
                drawn[period.pk],
                sizes[period.pk],
                counted.get((period.pk, series.get(period.pk, "")), {}),
                by_period[period.pk],
                verdicts.get(series.get(period.pk, ""), {}),
            ),
        )
        for period in periods
    ]


def list_outcomes(*, period: int, as_of: datetime) -> list[Outcome]:
    """Return what was drawn of a period, by stratum and place, and what was found: five queries.

    Args:
        period: Its key.
        as_of: Up to when reviews and verdicts count, UTC.
    """
    rows = DrawnUnit.objects.filter(period=period).select_related("unit", "replaces__unit")
    reviews = {row["drawn"]: row for row in answer(_first_reviews([period], as_of))}
    standing = sums_standing()
    held = answer(reading_held(periods=[period], kinds=SIZES, standing=standing, as_of=as_of))
    _counts, series = _counted(held)
    name = series.get(period, "")
    said = UnitVerdict.objects.filter(unit__draws__period=period, series=name, at__lte=as_of)
    judged = dict(said.values_list("unit", "would_pass"))
    return [
        Outcome(
            unit=row.unit.subject,
            label=row.unit.label,
            stratum=row.stratum,
            place=row.place,
            number=row.number,
            ended_at=row.unit.ended_at,
            size_of_stratum=row.size_of_stratum,
            drawn_of_stratum=row.drawn_of_stratum,
            replaces=row.replaces.unit.subject if row.replaces else "",
            lost_for=row.lost_for,
            judged=judged.get(row.unit_id),
            passed=reviews[row.pk]["passed"] if row.pk in reviews else None,
            reviewed_at=reviews[row.pk]["submitted_at"] if row.pk in reviews else None,
        )
        for row in rows.order_by("stratum", "place")
    ]


def name_agents(agents: Sequence[str]) -> dict[str, str]:
    """Return the name that each agent worked under last: one trip, none for none."""
    named = SamplingUnit.objects.exclude(agent_label="").order_by("-ended_at", "-pk")
    wanted = [
        named.filter(agent=agent).values_list("agent", "agent_label")[:1]
        for agent in dict.fromkeys(agents)
    ]
    return dict(row for rows in ask(wanted) for row in rows)


def _target(version: SamplingPlanVersion) -> float | None:
    percent = spec_of(version).target_percent
    return None if percent is None else percent / 100


def _drawn(keys: Sequence[int]) -> Reading[dict[int, dict[str, Json]]]:
    rows: Any = (
        DrawnUnit.objects.filter(period__in=keys)
        .values("period", "stratum", "size_of_stratum", "drawn_of_stratum")
        .annotate(lost=Count("pk", filter=~Q(lost_for="")))
    )
    found: dict[int, dict[str, Json]] = defaultdict(dict)
    for row in (yield from read(rows)):
        found[row["period"]][row["stratum"]] = row
    return found


def _sizes(held: Sequence[Held]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in held:
        if one.what is InFrame.UNIT:
            found[one.period][one.stratum] += one.count
    return found


def _counted(
    held: Sequence[Held],
) -> tuple[dict[tuple[int, str], dict[str, _Counted]], dict[int, str]]:
    """Return verdicts by period, series and stratum, and which series a period uses.

    The series that judged most of a period's units counts; of equals the later name.
    """
    found: dict[tuple[int, str], dict[str, _Counted]] = defaultdict(dict)
    totals: Counter[tuple[int, str]] = Counter()
    for one in held:
        if one.what is InFrame.VERDICT:
            place = (one.period, one.series)
            before = found[place].get(one.stratum, _Counted(0, 0))
            judged, passed = before.judged + one.count, before.would_pass + one.passed
            found[place][one.stratum] = _Counted(judged, passed)
            totals[place] += one.count
    series: dict[int, str] = {}
    for (period, name), _count in sorted(totals.items(), key=lambda one: (one[1], one[0][1])):
        series[period] = name
    return found, series


def _first_reviews(keys: Sequence[int], as_of: datetime) -> Reading[list[Json]]:
    rows = (
        Review.objects.filter(
            drawn__period__in=keys,
            kind=ReviewKind.FIRST,
            state__in=DONE,
            submitted_at__lte=as_of,
            passed__isnull=False,
        )
        .order_by("submitted_at", "pk")
        .values(*_COLUMNS)
    )
    found: dict[int, Json] = {}
    for row in (yield from read(rows)):
        # Where a drawn unit was reviewed twice after all, the first one stands.
        found.setdefault(row["drawn"], row)
    return list(found.values())


def _verdicts(
    rows: Sequence[Json], series: set[str], as_of: datetime
) -> Reading[Mapping[str, Mapping[int, bool]]]:
    """Come to series, and by it to reviewed unit to what its checks said."""
    found: dict[str, dict[int, bool]] = defaultdict(dict)
    kept = UnitVerdict.objects.filter(
        unit__in=[row["unit"] for row in rows], series__in=series, at__lte=as_of
    )
    judged = yield from read(kept.values_list("unit", "series", "would_pass"))
    for unit, name, said in judged:
        found[name][unit] = said
    return found


def _edition(row: Json) -> str:
    return f"{row['scorecard__scorecard__key']}/{row['scorecard__edition']}"


def _strata(
    drawn: Mapping[str, Json],
    sizes: Mapping[str, int],
    counted: Mapping[str, _Counted],
    reviews: Sequence[Json],
    verdicts: Mapping[int, bool],
) -> tuple[Stratum, ...]:
    by_stratum: dict[str, list[Reviewed]] = defaultdict(list)
    for row in reviews:
        by_stratum[row["drawn__stratum"]].append(
            Reviewed(
                subject=row["unit__subject"],
                passed=row["passed"],
                judged=verdicts.get(row["unit"]),
                seconds=row["seconds"],
                case=str(row["unit__case"]),
                values={one: row[f"unit__{one.value}"] for one in _DIMENSIONS},
            )
        )
    return tuple(
        Stratum(
            name=name,
            size=drawn[name]["size_of_stratum"] if name in drawn else sizes[name],
            drawn=drawn[name]["drawn_of_stratum"] if name in drawn else 0,
            lost=drawn[name]["lost"] if name in drawn else 0,
            judged=counted[name].judged if name in counted else 0,
            would_pass=counted[name].would_pass if name in counted else 0,
            reviews=tuple(by_stratum[name]),
        )
        for name in sorted({*drawn, *sizes})
    )
