"""What the page of a sample shows: strata, replacements, the proof and the planner; read."""

from collections import Counter
from dataclasses import dataclass
from statistics import median

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.ledger.selectors import list_stream
from orchestra.core.together import Reading, all_of, read
from qa.population.types import Dimension
from qa.sampling import entries, registry
from qa.sampling.allocating import Stratum
from qa.sampling.budget import MOST_SPREAD, Offer, offers
from qa.sampling.framing import stratum_values
from qa.sampling.models import DrawnUnit, FrameUnit, SamplePeriod
from qa.sampling.sizing import spreads
from qa.sampling.types import PeriodState, PlanSpec

#: Samples on one page of the list.
PAGE = 50
_FIRST = 4


@dataclass(frozen=True, slots=True)
class StratumRow:
    """One stratum of a sample.

    Attributes:
        values: What it holds, by dimension.
        spread: What it was planned with; None where it needed none.
        reviewed: Of those that are to be reviewed, how many are.
        lost: How many could not be reviewed.
        accepted: Whether a lot was accepted; None while not all of it is reviewed, or for no lot.
    """

    name: str
    values: dict[Dimension, str]
    size: int
    share: float
    spread: float | None
    drawn: int
    take_all: bool
    reviewed: int
    lost: int
    accept: int | None
    accepted: bool | None

    @property
    def chance(self) -> float:
        """The probability of each of its units to be drawn."""
        return self.drawn / self.size if self.size else 0.0

    @property
    def stands_for(self) -> float | None:
        """How many units one review stands for."""
        return self.size / self.drawn if self.drawn else None

    @property
    def percent_reviewed(self) -> int:
        """How much of it is reviewed, 0 to 100."""
        return round(100 * self.reviewed / self.drawn) if self.drawn else 0


def list_periods() -> QuerySet[SamplePeriod]:
    """Return every period, newest first, with its plan and how many were drawn and lost."""
    original = _counted(DrawnUnit.objects.filter(replaces=None))
    lost = _counted(DrawnUnit.objects.exclude(lost_for=""))
    rows = SamplePeriod.objects.select_related("version__plan", "explained_by", "agreed_by")
    return rows.annotate(count=original, lost=lost).order_by("-starts_at", "-pk")


def _counted(units: QuerySet[DrawnUnit]) -> Coalesce:
    """Return the count of a period's units, as a read of its own: a page counts no other period."""
    own = units.filter(period=OuterRef("pk")).order_by().values("period")
    return Coalesce(Subquery(own.annotate(units=Count("*")).values("units")), 0)


def reading_strata(period: SamplePeriod, plan: PlanSpec) -> Reading[list[StratumRow]]:
    """Come to the strata of a drawn period, by name."""
    units = DrawnUnit.objects.filter(period=period)
    rows = yield from read(units.values_list("pk", "stratum", "lost_for"))
    results = yield from registry.reading_results([pk for pk, _stratum, lost in rows if not lost])
    reviewed = Counter(stratum for pk, stratum, _lost in rows if pk in results)
    failed = Counter(s for pk, s, _lost in rows if pk in results and not results[pk].score)
    lost = Counter(stratum for _pk, stratum, lost in rows if lost)
    whole = sum(one["size"] for one in period.shares) or 1
    return [
        StratumRow(
            name=one["name"],
            values=stratum_values(plan, one["name"]),
            size=one["size"],
            share=one["size"] / whole,
            spread=one["spread"],
            drawn=one["drawn"],
            take_all=one["take_all"],
            reviewed=reviewed[one["name"]],
            lost=lost[one["name"]],
            accept=one["accept"],
            accepted=None
            if one["accept"] is None or reviewed[one["name"]] < one["drawn"]
            else failed[one["name"]] <= one["accept"],
        )
        for one in period.shares
    ]


def reading_replaced(period: SamplePeriod) -> Reading[list[DrawnUnit]]:
    """Come to what could not be reviewed, with what took its place."""
    rows = DrawnUnit.objects.filter(period=period).exclude(lost_for="")
    rows = rows.select_related("unit", "replaced_by__unit")
    return (yield from read(rows.order_by("lost_at", "pk")))


def reading_placed(period: SamplePeriod) -> Reading[dict[str, int | None]]:
    """Come to the places of a period's acts in the ledger, by their kind."""
    found = yield from read(
        list_stream(stream=f"sampling_plan:{period.version.plan.public_id}").filter(
            subject_id=str(period.public_id),
            kind__in=[entries.COMMITTED, entries.CLOSED, entries.DRAWN],
        )
    )
    return {entry.kind: entry.leaf_index for entry in found}


@dataclass(frozen=True, slots=True)
class Line:
    """One place of a stratum's order.

    Attributes:
        number: As a share of one.
        drawn: Whether it was drawn.
    """

    place: int
    label: str
    number: float
    drawn: bool


def reading_order(period: SamplePeriod, stratum: str, drawn: int) -> Reading[list[Line]]:
    """Come to the first of a stratum's order, the last one in and the next in line."""
    rows = FrameUnit.objects.filter(period=period, stratum=stratum).select_related("unit")
    ranked = rows.order_by("number", "pk")
    # A stratum is at least as large as what was drawn of it.
    first = min(_FIRST, drawn)
    begin = max(first, drawn - 1)
    found = yield from all_of(
        {"first": read(ranked[:first]), "last": read(ranked[begin : drawn + 1])}
    )
    places = [*enumerate(found["first"], start=1), *enumerate(found["last"], start=begin + 1)]
    return [
        Line(place, row.unit.label, int(row.number, 16) / 2**64, drawn=place <= drawn)
        for place, row in places
    ]


def reading_offers(
    period: SamplePeriod, plan: PlanSpec, *, asked: int | None = None
) -> Reading[tuple[list[Offer], float | None]]:
    """Come to what other numbers of reviews would buy, and the minutes that one takes.

    Rests on the reviews of all periods of the plan up to this one; nothing known counts as the
    widest spread there is.
    """
    now = sum(one["drawn"] for one in period.shares)
    if not now:
        return [], None
    rows = DrawnUnit.objects.filter(
        period__version__plan=period.version.plan,
        period__starts_at__lte=period.starts_at,
        period__state=PeriodState.DRAWN,
    )
    strata = dict((yield from read(rows.order_by("-pk").values_list("pk", "stratum")[:2000])))
    results = yield from registry.reading_results(list(strata))
    scores: dict[str, list[float]] = {}
    residuals: dict[str, list[float]] = {}
    for key, result in results.items():
        scores.setdefault(strata[key], []).append(result.score)
        if result.judged is not None:
            residuals.setdefault(strata[key], []).append(result.score - result.judged)
    names = [one["name"] for one in period.shares]
    alone, checked = spreads(scores, names), spreads(residuals, names)
    minutes = median(one.seconds for one in results.values()) / 60 if results else None
    return (
        offers(
            _strata(period, alone),
            _strata(period, checked) if checked else [],
            now=now,
            minutes=minutes or None,
            minimum=plan.strata.minimum,
            asked=asked,
        ),
        minutes or None,
    )


def _strata(period: SamplePeriod, known: dict[str, float]) -> list[Stratum]:
    return [
        Stratum(
            one["name"],
            one["size"],
            known.get(one["name"], MOST_SPREAD),
            take_all=one["take_all"],
        )
        for one in period.shares
        if one["size"]
    ]
