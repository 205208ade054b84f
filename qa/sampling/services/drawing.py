"""Close a period's frame and draw from it; or, for what is taken whole, as units end."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import Count

from governance.ledger.services import one_act
from orchestra.core.locking import compare_and_set, lock_one
from orchestra.core.sealing import SealBrokenError
from qa.population.models import SamplingUnit
from qa.population.selectors import is_filled_until
from qa.population.types import Flag
from qa.sampling import entries, registry
from qa.sampling.acceptance import Switching, after_lot
from qa.sampling.drawing import frame_digest, seed_commitment
from qa.sampling.framing import is_counted
from qa.sampling.models import DrawnUnit, FrameUnit, SamplePeriod
from qa.sampling.periods import draws_at
from qa.sampling.selectors import spec_of
from qa.sampling.services.framing import seed_of
from qa.sampling.services.recording import SAMPLING, record
from qa.sampling.sizing import Share, shares_of, spreads, takes_whole
from qa.sampling.types import Moment, PeriodState, PlanKind, PlanSpec, Severity, Spread
from qa.sampling.units import candidate_of

Json = Any
log = structlog.get_logger(__name__)


def draw_due(*, now: datetime) -> int:
    """Draw every period whose time has come, once the population is filled up to its end.

    Args:
        now: When, UTC.

    Returns:
        How many units were drawn.
    """
    rows = SamplePeriod.objects.filter(state=PeriodState.OPEN).select_related("version__plan")
    done = 0
    for period in rows.order_by("ends_at", "pk"):
        plan = spec_of(period.version)
        ends = period.ends_at
        if draws_at(plan.schedule, ends) <= now and is_filled_until(at=ends):
            done += draw_period(period_id=period.pk, now=now)
        elif plan.schedule.draw is Moment.AT_CLOSE:
            done += draw_so_far(period_id=period.pk, now=now)
    return done


@one_act()
def draw_so_far(*, period_id: int, now: datetime) -> int:
    """Draw what is certain before a period is over: what is taken whole, and what is targeted.

    Of a stratum that chance decides, the smallest numbers so far stand in the frame's index,
    and later ones may still come before them; those are drawn when the period ends.

    Returns:
        How many units were drawn.
    """
    period = _locked(period_id)
    if period.state != PeriodState.OPEN:
        return 0
    plan = spec_of(period.version)
    return len(_take_certain(period, plan, now))


@one_act()
def draw_period(*, period_id: int, now: datetime) -> int:
    """Close the frame of a period, draw from it, and show the seed.

    A period whose seed cannot be opened, or is not the one committed, is held.

    Returns:
        How many units were drawn; those drawn before are not counted.
    """
    period = _locked(period_id)
    if period.state != PeriodState.OPEN:
        return 0
    plan = spec_of(period.version)
    try:
        seed = seed_of(period)
    except SealBrokenError:
        seed = ""
    if seed_commitment(seed) != period.commitment:
        _hold(period, now, "The seed is not the one that was committed before the period.")
        return 0
    frame = dict(period.frame.values_list("unit__subject", "stratum"))
    left_out = _left_out(period, plan)
    digest = frame_digest(frame)
    record(
        actor=SAMPLING, now=now, period=period, kind=entries.CLOSED,
        size=len(frame), digest=digest, left_out=left_out,
    )  # fmt: skip
    rows = _take_certain(period, plan, now)
    if plan.kind is PlanKind.TARGETED:
        shares = _picked(period)
    else:
        shares = plan_shares(period, plan)
        rows += _take(period, shares, now)
    _settle_sizes(period, shares)
    drawn = list(period.drawn.filter(replaces=None).select_related("unit"))
    compare_and_set(
        period,
        expected={"state": PeriodState.OPEN},
        changes={
            "state": PeriodState.DRAWN,
            "seed": seed,
            "frame_size": len(frame),
            "frame_digest": digest,
            "left_out": left_out,
            "closed_at": now,
            "drawn_at": now,
            "shares": [asdict(one) for one in shares],
            "draw_digest": draw_digest(drawn),
        },
        actor=SAMPLING,
    )
    record(
        actor=SAMPLING, now=now, period=period, kind=entries.DRAWN,
        drawn=len(drawn), size=len(frame), seed=seed, digest=period.draw_digest,
    )  # fmt: skip
    return len(rows)


def draw_digest(rows: Iterable[DrawnUnit]) -> str:
    """Return the digest of a draw: SHA-256 over ``stratum TAB place TAB unit LF``, in order."""
    found = sorted((row.stratum, row.place, row.unit.subject) for row in rows)
    lines = (f"{stratum}\t{place}\t{unit}\n".encode() for stratum, place, unit in found)
    return hashlib.sha256(b"".join(lines)).hexdigest()


def plan_shares(period: SamplePeriod, plan: PlanSpec) -> list[Share]:
    """Return what is to be drawn of each stratum of a frame as it stands."""
    return shares_of(
        plan,
        sizes_of(period),
        known=known_spreads(period, plan),
        standing=_standing(period, plan),
    )


def sizes_of(period: SamplePeriod) -> dict[str, int]:
    """Return how many units each stratum of a frame holds."""
    rows = FrameUnit.objects.filter(period=period).values("stratum")
    return dict(rows.annotate(size=Count("pk")).values_list("stratum", "size"))


def known_spreads(period: SamplePeriod, plan: PlanSpec) -> dict[str, float]:
    """Return the spread of each stratum over the past weeks that a plan's allocation names."""
    allocation = plan.allocation
    if allocation is None or allocation.spread is None:
        return {}
    rows = DrawnUnit.objects.filter(
        period__version__plan=period.version.plan,
        period__starts_at__lt=period.starts_at,
        period__ends_at__gt=period.starts_at - timedelta(weeks=allocation.weeks),
        period__state=PeriodState.DRAWN,
    ).values_list("pk", "stratum")
    strata = dict(rows)
    known: dict[str, list[float]] = {}
    for key, result in registry.results_of(list(strata)).items():
        judged = result.judged if allocation.spread is Spread.REVIEW_MINUS_CHECK else None
        known.setdefault(strata[key], []).append(result.score - (judged or 0.0))
    return spreads(known, sorted({*sizes_of(period), *known}))


def _standing(period: SamplePeriod, plan: PlanSpec) -> dict[str, Severity]:
    """Return how strictly each lot is judged, after those before it that are reviewed."""
    if plan.acceptance is None or not plan.acceptance.switching:
        return {}
    before = SamplePeriod.objects.filter(
        version=period.version, state=PeriodState.DRAWN, starts_at__lt=period.starts_at
    )
    rows = DrawnUnit.objects.filter(period__in=before, replaced_by=None)
    units = list(rows.values_list("pk", "period_id", "stratum"))
    results = registry.results_of([pk for pk, _period, _stratum in units])
    lots: dict[tuple[int, str], list[float | None]] = {}
    for pk, of_period, stratum in units:
        found = results.get(pk)
        lots.setdefault((of_period, stratum), []).append(found.score if found else None)
    series: dict[str, Switching] = {}
    for one in before.order_by("starts_at"):
        for share in one.shares:
            scores = lots.get((one.pk, share["name"]), [])
            if scores and None not in scores:
                passed = scores.count(0.0) <= (share["accept"] or 0)
                now = series.get(share["name"], Switching(severity=plan.acceptance.start))
                series[share["name"]] = after_lot(now, accepted=passed)
    return {name: one.severity for name, one in series.items()}


def _locked(period_id: int) -> SamplePeriod:
    rows = SamplePeriod.objects.filter(pk=period_id).select_related("version__plan")
    return lock_one(rows)


def _left_out(period: SamplePeriod, plan: PlanSpec) -> dict[str, int]:
    """Return how many units of the population a flag left out of a frame."""
    rows = SamplingUnit.objects.filter(
        kind=plan.population.unit,
        ended_at__gte=period.starts_at,
        ended_at__lt=period.ends_at,
        left_out__in=[str(one) for one in plan.population.leave_out],
    )
    found = Counter(row.left_out for row in rows.iterator() if is_counted(plan, candidate_of(row)))
    return {str(flag): found[flag] for flag in Flag if found[flag]}


def _take_certain(period: SamplePeriod, plan: PlanSpec, now: datetime) -> list[DrawnUnit]:
    """Draw what needs no chance and is not drawn yet."""
    waiting = FrameUnit.objects.filter(period=period).exclude(unit__draws__period=period)
    if plan.kind is PlanKind.TARGETED:
        found = _within(period, plan, list(waiting.select_related("unit").order_by("number", "pk")))
    elif plan.schedule.draw is Moment.AT_CLOSE:
        names = [name for name in sizes_of(period) if takes_whole(plan, name)]
        found = list(waiting.filter(stratum__in=names).order_by("stratum", "number", "pk"))
    else:
        return []
    shares = {name: Share(name, size, size) for name, size in sizes_of(period).items()}
    return _write(period, found, shares, now)


def _within(period: SamplePeriod, plan: PlanSpec, waiting: list[FrameUnit]) -> list[FrameUnit]:
    """Return what a targeted plan may still pick in a period: so many, so many of one agent."""
    agents = Counter(period.drawn.values_list("unit__agent", flat=True))
    left = (plan.at_most or 0) - sum(agents.values())
    most = plan.quotas.per_agent_at_most
    found: list[FrameUnit] = []
    for row in waiting:
        if len(found) >= left:
            break
        if most is None or not row.unit.agent or agents[row.unit.agent] < most:
            agents[row.unit.agent] += 1
            found.append(row)
    return found


def _picked(period: SamplePeriod) -> list[Share]:
    drawn = Counter(period.drawn.values_list("stratum", flat=True))
    return [Share(name, size, drawn[name]) for name, size in sorted(sizes_of(period).items())]


def _take(period: SamplePeriod, shares: Sequence[Share], now: datetime) -> list[DrawnUnit]:
    """Draw the smallest numbers of each stratum, read off the index."""
    found: list[FrameUnit] = []
    held = frozenset(period.drawn.values_list("unit_id", flat=True))
    for share in shares:
        rows = FrameUnit.objects.filter(period=period, stratum=share.name)
        smallest = rows.order_by("number", "pk")[: share.drawn]
        found += [row for row in smallest if row.unit_id not in held]
    return _write(period, found, {one.name: one for one in shares}, now)


def _write(
    period: SamplePeriod, found: Iterable[FrameUnit], shares: Mapping[str, Share], now: datetime
) -> list[DrawnUnit]:
    places = Counter(period.drawn.values_list("stratum", flat=True))
    rows = []
    for one in found:
        places[one.stratum] += 1
        rows.append(
            DrawnUnit(
                period=period,
                unit_id=one.unit_id,
                stratum=one.stratum,
                place=places[one.stratum],
                number=one.number,
                size_of_stratum=shares[one.stratum].size,
                drawn_of_stratum=shares[one.stratum].drawn,
            )
        )
    DrawnUnit.objects.bulk_create(rows)
    return tell(rows, now=now)


def tell(rows: Sequence[DrawnUnit], *, now: datetime) -> list[DrawnUnit]:
    """Tell the rooms above of what was just drawn, each row with all that hangs on it."""
    if not rows:
        return []
    written = DrawnUnit.objects.filter(pk__in=[row.pk for row in rows])
    full = written.select_related("period__version__plan", "unit__case", "replaces")
    found = list(full.order_by("stratum", "place"))
    registry.tell_drawn(now=now, rows=found)
    return found


def _settle_sizes(period: SamplePeriod, shares: Sequence[Share]) -> None:
    """Write the sizes that stand once the frame is closed; the places by number, at last."""
    for share in shares:
        rows = period.drawn.filter(stratum=share.name)
        rows.update(size_of_stratum=share.size, drawn_of_stratum=share.drawn)
        changed = []
        for place, row in enumerate(rows.order_by("number", "pk"), start=1):
            if row.place != place:
                row.place = place
                changed.append(row)
        DrawnUnit.objects.bulk_update(changed, ["place"])


def _hold(period: SamplePeriod, now: datetime, reason: str) -> None:
    compare_and_set(
        period,
        expected={"state": period.state},
        changes={"state": PeriodState.HELD, "held_reason": reason},
        actor=SAMPLING,
    )
    record(actor=SAMPLING, now=now, period=period, kind=entries.HELD, reason=reason)
    log.warning("sampling.held", period=str(period.public_id))
