"""What drifted: a period against those before, and whoever asks besides."""

import math
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from qa.admin import figure_words as say
from qa.estimates.types import Estimate
from qa.figures.assembling import assemble_span
from qa.figures.mixing import moved_mix
from qa.figures.registry import Alert
from qa.figures.types import Figures, PeriodRows, Standing
from qa.sampling.planning import z_of
from qa.sampling.types import PeriodState

_BEFORE = 4


def describe_drift(
    found: Sequence[tuple[PeriodRows, Figures]], others: Sequence[Alert]
) -> list[dict[str, Any]]:
    """Return every open alert as a title and a text.

    Args:
        found: Periods with their figures, the newest first.
        others: What other rooms know of drift.
    """
    own = [_moved(found), _mixed(found)]
    return [one for one in own if one] + [
        {"title": one.title, "text": one.text, "link": one.link} for one in others
    ]


def _moved(found: Sequence[tuple[PeriodRows, Figures]]) -> dict[str, Any] | None:
    """Return whether the newest number differs from the four weeks before it."""
    known = [one for one in found if one[1].standing is Standing.KNOWN]
    if len(known) < 2:  # noqa: PLR2004  a difference needs two
        return None
    (rows, newest), before = known[0], [each for each, _figures in known[1 : 1 + _BEFORE]]
    change = difference(newest.used, assemble_span(before).used)
    if change is None:
        return None
    moved, low, high = change
    if low <= 0 <= high:
        return None
    better, worse = _("%(period)s is better than before"), _("%(period)s is worse than before")
    title = better if moved > 0 else worse
    text = _(
        "%(moved)+.1f points (%(low)+.1f to %(high)+.1f) against the %(count)d periods before. "
        "Different work may be the reason; compare by journey."
    )
    numbers = {"moved": 100 * moved, "low": 100 * low, "high": 100 * high, "count": len(before)}
    return {"title": title % {"period": say.period_name(rows)}, "text": text % numbers, "link": ""}


def _mixed(found: Sequence[tuple[PeriodRows, Figures]]) -> dict[str, Any] | None:
    """Return whether the newest drawn period holds other work than the one before it."""
    drawn = [rows for rows, _figures in found if rows.state is PeriodState.DRAWN]
    if len(drawn) < 2:  # noqa: PLR2004  a difference needs two
        return None
    new, old = drawn[:2]
    moved = moved_mix(new, old)
    if not moved:
        return None
    title = _("%(period)s holds other work than %(before)s") % {
        "period": say.period_name(new),
        "before": say.period_name(old),
    }
    each = [
        _("%(name)s: %(after).1f %% of all, %(was).1f %% before (%(low)+.1f to %(high)+.1f points)")
        % {
            "name": say.stratum_name(one.name),
            "after": 100 * one.after,
            "was": 100 * one.before,
            "low": 100 * one.low,
            "high": 100 * one.high,
        }
        for one in moved
    ]
    text = _("%(each)s. A number that moved may have moved with the work; compare by stratum.")
    link = f"{reverse('admin:quality_estimate')}?plan={new.plan}"
    return {"title": title, "text": text % {"each": "; ".join(each)}, "link": link}


def difference(new: Estimate | None, old: Estimate | None) -> tuple[float, float, float] | None:
    """Return how far two independent estimates lie apart, with the 95 % interval."""
    if new is None or old is None or new.value is None or old.value is None:
        return None
    moved = new.value - old.value
    half = z_of(0.95) * math.sqrt(new.variance + old.variance)
    return moved, moved - half, moved + half
