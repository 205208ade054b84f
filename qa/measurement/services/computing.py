"""Compute the numbers that are due: weeks for the trend, and four weeks for the headline."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import structlog

from governance.ledger.services import one_act
from orchestra.core.locking import lock_one
from qa.calendars.selectors import list_changes
from qa.calendars.types import Change
from qa.measurement.measured import Measured, Period
from qa.measurement.models import MeasureCursor, MetricCell, MetricVersion
from qa.measurement.selectors import list_in_force, position, select_cases, spec_of
from qa.measurement.types import Clock, Cohort, Metric, MetricSpec

if TYPE_CHECKING:
    from qa.measurement.columns.clocks import Clock as Lengths
    from qa.measurement.columns.types import Facts

Json = Any
log = structlog.get_logger(__name__)

#: How many weeks the trend goes back.
TREND_WEEKS: Final = 12
HEADLINE_WEEKS: Final = 4
RETURNS: Final = frozenset({Metric.RECONTACT_RATE, Metric.FIRST_CONTACT_RESOLUTION})

#: Of which facts: begin, end, place in the ledger.
_Key = tuple[datetime, datetime, int]


@dataclass(frozen=True, slots=True)
class _Due:
    """One cell that has to be computed."""

    begin: date
    weeks: int
    time_zone: str
    version: MetricVersion
    spec: MetricSpec

    @property
    def stretch(self) -> "_Stretch":
        """Over which weeks of which zone."""
        return _Stretch(self.begin, self.weeks, self.time_zone)


@dataclass(frozen=True, slots=True, order=True)
class _Stretch:
    """Some weeks from a Monday on."""

    begin: date
    weeks: int
    time_zone: str

    @property
    def end(self) -> date:
        """The Monday after."""
        return self.begin + timedelta(weeks=self.weeks)

    def holds(self, other: "_Stretch") -> bool:
        """Whether the other lies within it."""
        inside = self.begin <= other.begin and other.end <= self.end
        return inside and self.time_zone == other.time_zone


def compute_due(*, now: datetime) -> int:
    """Compute every cell that is missing, stale, of another version, or open and too old.

    Must not be called inside an act; each cell is its own transaction.

    Args:
        now: When, UTC. A definition on the business clock waits until hours are set.

    Returns:
        How many were computed.
    """
    if position() is None:
        return 0
    calendar = list_changes()
    due: list[_Due] = []
    for version in list_in_force():
        spec = spec_of(version)
        if spec.clock is Clock.BUSINESS and not calendar:
            log.warning("metrics.no_hours", metric=spec.key)
            continue
        known = {(cell.begin, cell.weeks): cell for cell in MetricCell.objects.filter(key=spec.key)}
        for begin, weeks in spans(now=now, time_zone=spec.time_zone):
            if _is_due(known.get((begin, weeks)), version, spec, now):
                due.append(_Due(begin, weeks, spec.time_zone, version, spec))
    held: dict[_Key, _Held] = {}
    with_customers = any(one.spec.formula in RETURNS for one in due)
    for whole, cells in _within_each_other(due):
        for one in cells:
            _compute(one, whole, now, calendar, held, with_customers=with_customers)
    return len(due)


def _within_each_other(due: Sequence[_Due]) -> Iterator[tuple[_Stretch, list[_Due]]]:
    """Yield the longest stretches, each with the cells that can be told from its facts.

    Facts are what costs. Whatever is asked of a part of a stretch is answered from those of the
    whole, as a formula passes over what does not belong to its period; and no more is held at
    once than the longest cell needs by itself.
    """
    stretches = sorted({one.stretch for one in due}, key=lambda one: (-one.weeks, one))
    held: dict[_Stretch, list[_Due]] = {}
    for one in due:
        whole = next(stretch for stretch in stretches if stretch.holds(one.stretch))
        held.setdefault(whole, []).append(one)
    for whole in sorted(held):
        yield whole, sorted(held[whole], key=lambda one: (one.begin, one.weeks, one.spec.key))


def spans(*, now: datetime, time_zone: str) -> Iterator[tuple[date, int]]:
    """Yield the Mondays and lengths that the pages show: only weeks that are over."""
    this = this_monday(now=now, time_zone=time_zone)
    for back in range(1, TREND_WEEKS + 1):
        yield this - timedelta(weeks=back), 1
    yield this - timedelta(weeks=HEADLINE_WEEKS), HEADLINE_WEEKS
    yield this - timedelta(weeks=2 * HEADLINE_WEEKS), HEADLINE_WEEKS


def this_monday(*, now: datetime, time_zone: str) -> date:
    """Return the Monday of the week that runs in a zone."""
    today = now.astimezone(ZoneInfo(time_zone)).date()
    return today - timedelta(days=today.weekday())


def period_of(*, spec: MetricSpec, begin: date, weeks: int, now: datetime) -> Period:
    """Return the stretch from a Monday on, cut at midnights of the definition's zone."""
    zone = ZoneInfo(spec.time_zone)
    first = datetime.combine(begin, time(), tzinfo=zone).astimezone(UTC)
    last = datetime.combine(begin + timedelta(weeks=weeks), time(), tzinfo=zone).astimezone(UTC)
    return Period(first, last, now)


def measure_span(
    *,
    spec: MetricSpec,
    begin: date,
    weeks: int,
    now: datetime,
    calendar: tuple[Change, ...] = (),
) -> Measured:
    """Return one metric over some weeks, from the rows as they are stored."""
    period = period_of(spec=spec, begin=begin, weeks=weeks, now=now)
    cases = _facts(spec, period)
    from qa.measurement.measuring import measure  # noqa: PLC0415 numpy is loaded where something is measured

    return measure(spec=spec, cases=cases, period=period, clock=clock_of(spec, calendar))


def _facts(spec: MetricSpec, period: Period) -> "Facts":
    return select_cases(
        cohort=spec.cohort,
        begin=period.begin,
        end=period.end,
        with_customers=spec.formula in RETURNS,
    )


def clock_of(spec: MetricSpec, calendar: tuple[Change, ...]) -> "Lengths":
    """Return the clock that a definition names."""
    from qa.measurement.columns import clocks  # noqa: PLC0415 numpy is loaded where something is measured

    if spec.clock is Clock.BUSINESS:
        return clocks.business_lengths(calendar)
    return clocks.calendar_lengths


def _is_due(
    cell: MetricCell | None, version: MetricVersion, spec: MetricSpec, now: datetime
) -> bool:
    if cell is None or cell.is_stale or cell.version != version.number:
        return True
    old = now - cell.computed_at >= timedelta(minutes=spec.stale_after_minutes)
    return old and bool(cell.body["figure"]["open"])


class _Held:
    """The facts of a stretch, from which each part of it is told."""

    def __init__(self, period: Period, *, with_customers: bool) -> None:
        from qa.measurement.columns.customers import ByCustomer  # noqa: PLC0415 numpy is loaded where something is measured

        # Of which anything happened in it: those of every cohort are among them.
        self._facts = select_cases(
            cohort=Cohort.HANDLED,
            begin=period.begin,
            end=period.end,
            with_customers=with_customers,
        )
        self._by_customer = ByCustomer(self._facts)

    def of(self, spec: MetricSpec, period: Period) -> "Facts":
        """Return what a metric takes of a part of the stretch."""
        if spec.formula in RETURNS:
            return self._by_customer.of(spec.cohort, period)
        return self._facts


def _compute(
    one: _Due,
    whole: _Stretch,
    now: datetime,
    calendar: tuple[Change, ...],
    held: dict[_Key, _Held],
    *,
    with_customers: bool,
) -> None:
    from qa.measurement.measuring import measure  # noqa: PLC0415 numpy is loaded where something is measured

    spec = one.spec
    with one_act(durable=True):
        # Whoever reads the ledger on waits, or what it finds stale meanwhile would be taken back.
        upto = lock_one(MeasureCursor.objects.filter(pk=1)).next_index
        longest = period_of(spec=spec, begin=whole.begin, weeks=whole.weeks, now=now)
        key = (longest.begin, longest.end, upto)
        if key not in held:
            held.clear()
            held[key] = _Held(longest, with_customers=with_customers)
        period = period_of(spec=spec, begin=one.begin, weeks=one.weeks, now=now)
        found = measure(
            spec=spec,
            cases=held[key].of(spec, period),
            period=period,
            clock=clock_of(spec, calendar),
        )
        MetricCell.objects.update_or_create(
            key=spec.key,
            begin=one.begin,
            weeks=one.weeks,
            defaults={
                "version": one.version.number,
                "computed_at": now,
                "upto_index": upto,
                "is_stale": False,
                "body": body_of(found),
            },
        )


def body_of(found: Measured) -> dict[str, Json]:
    """Return what a cell stores, as JSON."""
    return asdict(found)
