"""Keep the frames of running periods: one row a unit, with its number, from when it ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from orchestra.core.sealing import unseal
from qa.population.models import SamplingUnit
from qa.sampling.drawing import unit_number
from qa.sampling.framing import Candidate, is_in_frame, stratum_of
from qa.sampling.models import FrameUnit, SamplePeriod
from qa.sampling.selectors import spec_of
from qa.sampling.types import PeriodState, PlanKind, PlanSpec
from qa.sampling.units import candidate_of

RUNNING = (PeriodState.COMMITTED, PeriodState.OPEN)
CLOSED = (PeriodState.DRAWN, PeriodState.HELD)


def frozen_units(keys: Sequence[int]) -> frozenset[int]:
    """Return those of some units that stand in a frame which was drawn from."""
    rows = FrameUnit.objects.filter(unit__in=keys, period__state__in=CLOSED)
    return frozenset(rows.values_list("unit_id", flat=True))


def keep_frames(*, now: datetime, rows: Sequence[SamplingUnit]) -> None:
    """Put units into the frames they belong to, move them, or take them out of open frames.

    A unit belongs to the period in which it ended; to a targeted plan's running period once,
    whenever its reason to stand out became known. Its number is computed here, once.
    """
    periods = list(
        SamplePeriod.objects.filter(state__in=RUNNING)
        .select_related("version__plan")
        .order_by("pk")
    )
    if not periods:
        return
    present = {
        (row.period_id, row.unit_id): row
        for row in FrameUnit.objects.filter(unit__in=rows, period__in=periods)
    }
    found = [(row, candidate_of(row)) for row in rows]
    for period in periods:
        _keep(period, found, present, now)


def _keep(
    period: SamplePeriod,
    found: Iterable[tuple[SamplingUnit, Candidate]],
    present: dict[tuple[int, int], FrameUnit],
    now: datetime,
) -> None:
    plan = spec_of(period.version)
    new, gone = [], []
    seed = ""
    for row, unit in found:
        there = present.get((period.pk, row.pk))
        belongs = is_in_frame(plan, unit) and _is_time(period, plan, row, now)
        if there is not None and not belongs:
            gone.append(there.pk)
        elif there is not None:
            stratum = stratum_of(plan, unit)
            if there.stratum != stratum:
                there.stratum = stratum
                there.save(update_fields=["stratum"])
        elif belongs:
            seed = seed or seed_of(period)
            number = number_of(period, row.subject, seed)
            new.append(
                FrameUnit(period=period, unit=row, stratum=stratum_of(plan, unit), number=number)
            )
    FrameUnit.objects.filter(pk__in=gone).delete()
    if plan.kind is PlanKind.TARGETED and new:
        new = _not_before(period, new)
    FrameUnit.objects.bulk_create(new)


def _is_time(period: SamplePeriod, plan: PlanSpec, row: SamplingUnit, now: datetime) -> bool:
    if plan.kind is PlanKind.TARGETED:
        return period.starts_at <= max(now, row.ended_at) < period.ends_at
    return period.starts_at <= row.ended_at < period.ends_at


def _not_before(period: SamplePeriod, new: list[FrameUnit]) -> list[FrameUnit]:
    """Return the units that a targeted plan has never held before."""
    held = FrameUnit.objects.filter(
        Q(period__version__plan=period.version.plan), unit__in=[row.unit_id for row in new]
    )
    known = frozenset(held.values_list("unit_id", flat=True))
    return [row for row in new if row.unit_id not in known]


def seed_of(period: SamplePeriod) -> str:
    """Return a period's seed, which nobody is shown before its frame is closed.

    Raises:
        SealBrokenError: It cannot be opened by this installation.
    """
    return unseal(bytes(period.sealed_seed), place=period.place).decode()


def number_of(period: SamplePeriod, subject: str, seed: str) -> str:
    """Return a unit's number in a period, as 16 hexadecimal digits."""
    version = period.version
    number = unit_number(seed=seed, plan=version.plan.key, version=version.number, unit=subject)
    return f"{number:016x}"
