"""Recontact rate and first contact resolution of a period, over columns; pure."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from qa.estimates.types import Interval
from qa.measurement.columns.clocks import Clock
from qa.measurement.columns.codes import NEVER, moment
from qa.measurement.columns.curves import Curve, in_order, kaplan_meier, spread
from qa.measurement.columns.cutting import Flags, Found, Marks, sift, within
from qa.measurement.columns.returns import match
from qa.measurement.columns.types import Facts, pick
from qa.measurement.formulas.shares import Share
from qa.measurement.measured import Measured, Period
from qa.measurement.metrics.common import Figure, as_figure
from qa.measurement.metrics.recontact import WindowValue
from qa.measurement.types import MetricSpec

_DAY: Final = 86_400.0
_SECOND: Final = 1_000_000
_WINDOW: Final = 7
_CURVE: Final = (1, 3, 7, 14, 30)


def recontact(
    spec: MetricSpec, facts: Facts, period: Period, clock: Clock, *, only: Flags | None = None
) -> Found:
    """Return the rate of the episodes that were resolved in a period.

    ``only`` says which of all episodes count; a return belongs to its episode all the same.
    """
    del clock
    returns = match(facts.episodes, facts.contacts)
    inside = within(facts.episodes.resolved_at, period)
    if only is not None:
        inside &= only
    own = pick(facts.episodes, inside)
    kept, left = sift(own.left_out, spec)
    now = moment(period.now)
    over = kept & ~own.withdrawn
    confirmed = over & ~own.assumed
    window = spec.settings.window_days or _WINDOW
    back_at = np.where(returns.at[inside] <= now, returns.at[inside], NEVER)
    # No window is longer than the longest that a definition can name, so none reaches NEVER.
    back = _days(own.resolved_at, back_at)
    seen = _days(own.resolved_at, np.full(len(back), now, dtype=np.int64))
    came = back_at != NEVER
    times = np.where(came, back, seen)[confirmed]
    order = in_order(times)
    curve = kaplan_meier(times[order], came[confirmed][order])
    looked = _Looked(curve, times, back[confirmed], seen[confirmed])
    headline = looked.at(window)
    for name, count in returns.not_counted.items():
        left[name] = left.get(name, 0) + count
    hit = back <= window
    figure = Figure(
        value=headline.value,
        interval=headline.interval,
        n=int(np.count_nonzero(confirmed)),
        hits=int(np.count_nonzero(hit & confirmed)),
        left_out=dict(sorted(left.items())),
        open=int(np.count_nonzero(seen[confirmed] < window)),
        beside={
            "full_windows": headline.full.total,
            "matched_share": returns.matched / returns.looked_at if returns.looked_at else None,
            "assumed": int(np.count_nonzero(over & own.assumed)),
            "chasers": int(np.count_nonzero(returns.chaser[inside] & came & confirmed)),
        },
    )
    windows = {str(days): _told(looked.at(days)) for days in spec.settings.curve_days or _CURVE}
    falling = spread(
        curve.times, 100 * (1 - curve.share), 100 * (1 - curve.high), 100 * (1 - curve.low),
        curve.at_risk,
    )  # fmt: skip
    return Measured(figure, falling, counts=windows), Marks(own.case[over], own.of[over], hit[over])


def first_contact(spec: MetricSpec, facts: Facts, period: Period, clock: Clock) -> Found:
    """Return how many issues ended in the contact they began in, of those opened in a period."""
    del clock
    returns = match(facts.episodes, facts.contacts)
    inside = within(facts.episodes.opened_at, period) & (facts.episodes.number == 1)
    own = pick(facts.episodes, inside)
    kept, left = sift(own.left_out, spec)
    now = moment(period.now)
    window = spec.settings.window_days or _WINDOW
    ended = (own.resolved_at != NEVER) & ~own.withdrawn & (own.contacts <= 1) & ~own.transferred
    at = returns.at[inside]
    back = ended & (at <= now) & (_days(own.resolved_at, at) <= window)
    until = np.full(len(at), now, dtype=np.int64)
    young = (until - own.opened_at) / _SECOND < window * _DAY
    young |= ended & ~back & (_days(own.resolved_at, until) < window)
    told = kept & ~young
    hit = ended & ~back
    figure = as_figure(
        Share(int(np.count_nonzero(hit & told)), int(np.count_nonzero(told))),
        left,
        open_count=int(np.count_nonzero(kept & young)),
    )
    return Measured(figure), Marks(own.case[told], own.of[told], hit[told])


class _Looked:
    """Episodes with what was seen of each, ready to be asked for any window."""

    def __init__(self, curve: Curve, times: Any, back: Any, seen: Any) -> None:
        self.curve, self.times, self.back, self.seen = curve, times, back, seen

    def at(self, days: int) -> WindowValue:
        """Return the rate at a window, with that of the episodes whose whole window is over."""
        whole = self.seen >= days
        full = Share(
            int(np.count_nonzero(whole & (self.back <= days))), int(np.count_nonzero(whole))
        )
        seen = int(np.count_nonzero(self.times >= days))
        if not seen:
            return WindowValue(days, None, None, 0, full)
        place = self.curve.at(days)
        if place is None:
            none = Share(0, len(self.times))
            return WindowValue(days, 0.0, none.interval(), seen, full)
        low, high = float(self.curve.low[place]), float(self.curve.high[place])
        share = float(self.curve.share[place])
        return WindowValue(days, 1 - share, Interval(1 - high, 1 - low), seen, full)


def _told(one: WindowValue) -> dict[str, float]:
    told = {"seen": float(one.seen)}
    if one.value is not None:
        told["value"] = 100 * one.value
    if one.interval is not None:
        told |= {"low": 100 * one.interval.low, "high": 100 * one.interval.high}
    return told


def _days(begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the days between moments; infinity where one of them never comes."""
    never = (begin == NEVER) | (end == NEVER)
    passed = np.maximum(0, np.where(never, 0, end) - np.where(never, 0, begin)) / _SECOND / _DAY
    return np.where(never, np.inf, passed)
