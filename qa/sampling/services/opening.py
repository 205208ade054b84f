"""Commit the seed of a plan's next period in time, and begin the period."""

import secrets
from datetime import datetime, timedelta

from governance.ledger.services import one_act
from orchestra.core.locking import compare_and_set, take_turn
from orchestra.core.sealing import seal
from qa.documents.selectors import versions_in_force
from qa.sampling import entries
from qa.sampling.drawing import seed_commitment
from qa.sampling.models import SamplePeriod, SamplingPlanVersion
from qa.sampling.periods import Span, span_after, span_at
from qa.sampling.selectors import SHELF, spec_of
from qa.sampling.services.recording import SAMPLING, record
from qa.sampling.types import PeriodState, PlanSpec

#: A seed nobody guesses: 128 bits.
_SEED_BYTES = 16
_TURN = "sampling.periods"


def open_due(*, now: datetime) -> int:
    """Commit the seed of every period that is near enough, and begin those whose time has come.

    A plan's first period begins when its seed is committed, so that it may be shorter than
    those that follow; every seed is committed before the first unit of its period ended. Where
    no worker ran for longer than a period, nothing was committed, and so nothing is drawn.

    Args:
        now: When, UTC.

    Returns:
        How many periods were committed.
    """
    rows = versions_in_force(shelf=SHELF).order_by("pk")
    done = sum(_open_plan(version, now) for version in rows)
    for period in SamplePeriod.objects.filter(state=PeriodState.COMMITTED, starts_at__lte=now):
        _begin(period)
    return done


@one_act()
def _open_plan(version: SamplingPlanVersion, now: datetime) -> int:
    take_turn(_TURN)
    plan = spec_of(version)
    done = 0
    while (span := _next_span(version, plan, now)) is not None:
        _commit(version, span, now)
        done += 1
    return done


def _next_span(version: SamplingPlanVersion, plan: PlanSpec, now: datetime) -> Span | None:
    """Return the period to commit now; None while the next one is far off."""
    periods = SamplePeriod.objects.filter(version__plan=version.plan)
    last = periods.order_by("-ends_at").values_list("ends_at", flat=True).first()
    if last is None or last < now:
        whole = span_at(plan.schedule, now)
        return Span(now, whole.ends_at)
    ahead = timedelta(hours=plan.seed_hours or 0)
    return span_after(plan.schedule, last) if last - ahead <= now else None


def _commit(version: SamplingPlanVersion, span: Span, now: datetime) -> None:
    seed = secrets.token_hex(_SEED_BYTES)
    period = SamplePeriod(
        version=version,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        commitment=seed_commitment(seed),
        committed_at=now,
    )
    period.sealed_seed = seal(seed.encode(), place=period.place)
    period.save()
    record(
        actor=SAMPLING,
        now=now,
        period=period,
        kind=entries.COMMITTED,
        commitment=period.commitment,
    )


def _begin(period: SamplePeriod) -> None:
    compare_and_set(
        period,
        expected={"state": PeriodState.COMMITTED},
        changes={"state": PeriodState.OPEN},
        actor=SAMPLING,
    )
