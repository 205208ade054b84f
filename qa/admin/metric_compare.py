"""One metric on two sides: two spans or two versions, for whom, and how sure it is."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core import words as plain_words
from orchestra.core.errors import NotFoundError
from qa.admin import metric_words as words
from qa.admin.compare_form import Asked, describe_form, moments_of, read_asked
from qa.admin.metric_charts import describe_curve
from qa.calendars.selectors import list_changes
from qa.estimates.types import Interval
from qa.measurement import sentences as say
from qa.measurement.contrasts import COMPARABLE, Basis, Cohort, Contrast, Side
from qa.measurement.formulas.shares import Share, newcombe, small_cells
from qa.measurement.selectors import select_cases
from qa.measurement.services.computing import clock_of
from qa.measurement.showing import list_shown
from qa.measurement.standing import Reading
from qa.measurement.types import Breakdown, Clock, Direction, Measure, Metric, MetricSpec
from qa.targets.driving import find_driver
from qa.targets.selectors import part_of
from qa.targets.sentences import EFFECTS

if TYPE_CHECKING:
    from qa.measurement.columns.types import Facts

Json = Any

_RETURNS: Final = frozenset({Metric.RECONTACT_RATE, Metric.FIRST_CONTACT_RESOLUTION})
_TESTS: Final = {
    Basis.NEWCOMBE: _lazy("Newcombe's interval of a difference of two shares."),
    Basis.TWO_INTERVALS: _lazy("Interval of a difference from both intervals (Zou and Donner)."),
    Basis.RESTRICTED_MEAN: _lazy(
        "Difference of the means up to the horizon, open cases counted; the log-rank test "
        "compares the whole curves."
    ),
}


@page("outcomes/<str:key>/compare/", name="outcome_compare", capability=Capability.METRIC_READ)
def outcome_compare(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show a metric of two spans, or of two versions of a cue sheet, beside each other."""
    one = next((each for each in list_shown(now=visit.now) if each.spec.key == key), None)
    if one is None:
        raise NotFoundError(_("No such metric is in force."))
    spec = one.spec
    asked = read_asked(request.GET, spec, visit.now)
    found = None
    if spec.formula in COMPARABLE and not asked.wrong:
        found = _contrast(spec, asked, visit.now)
    return render(
        request,
        "qa/outcome_compare.html",
        {
            "title": _title(spec, found),
            "crumbs": [
                Crumb(_("Measure")),
                Crumb(_("Outcomes"), reverse("admin:outcomes")),
                Crumb(spec.title, reverse("admin:outcome", args=[key])),
                Crumb(_("Compare")),
            ],
            "metric": spec.title,
            "asked": asked,
            "form": describe_form(one, asked),
            "is_comparable": spec.formula in COMPARABLE,
            "minimum": spec.minimum_cases,
            "unit": say.MEASURES[spec.measure],
            **(_described(spec, asked, found) if found else {}),
        },
    )


def _contrast(spec: MetricSpec, asked: Asked, now: datetime) -> Contrast:
    calendar = list_changes() if spec.clock is Clock.BUSINESS else ()
    from qa.measurement import comparing  # noqa: PLC0415 numpy is loaded where something is measured

    sides: list[tuple[Cohort, Facts]] = []
    for place in range(len(asked.spans)):
        only = dict(asked.only)
        span = asked.spans[1 if asked.versions else place]
        if asked.versions:
            only[Breakdown.CUE_SHEET_VERSION] = asked.versions[place]
        begin, end = moments_of(span, spec.time_zone)
        cases = (
            sides[0][1]
            if asked.versions and sides
            else select_cases(
                cohort=spec.cohort,
                begin=begin,
                end=end,
                with_customers=spec.formula in _RETURNS,
            )
        )
        sides.append((Cohort(begin, end, only), cases))
    return comparing.contrast(
        spec=spec, first=sides[0], second=sides[1], now=now, clock=clock_of(spec, calendar)
    )


def _title(spec: MetricSpec, found: Contrast | None) -> str:
    if found is None:
        return _("%(metric)s: compare") % {"metric": spec.title}
    if _few(spec, found):
        return _("%(metric)s: fewer than %(count)d on a side, intervals only") % {
            "metric": spec.title,
            "count": spec.minimum_cases,
        }
    return _("%(metric)s: %(second)s against %(first)s; %(so)s") % {
        "metric": spec.title,
        "second": words.amount(found.second.reading.value, spec),
        "first": words.amount(found.first.reading.value, spec),
        "so": _verdict(spec, found),
    }


def _few(spec: MetricSpec, found: Contrast) -> bool:
    return min(found.first.n, found.second.n) < spec.minimum_cases


def _verdict(spec: MetricSpec, found: Contrast) -> str:
    """Return what the interval of the difference says; without no change in it, which way."""
    apart = found.difference
    if apart is None or apart.low is None or apart.high is None:
        return _("whether it changed is not known yet")
    if apart.low <= 0 <= apart.high:
        return _("whether it changed is not shown")
    is_less = apart.high < 0
    is_better = is_less == (spec.better is Direction.LOWER)
    if is_less:
        return _("it fell, for the better") if is_better else _("it fell, for the worse")
    return _("it rose, for the better") if is_better else _("it rose, for the worse")


def _described(spec: MetricSpec, asked: Asked, found: Contrast) -> dict[str, Any]:
    names = _names(asked)
    few = _few(spec, found)
    return {
        "sides": [
            _side(spec, name, side)
            for name, side in zip(names, (found.first, found.second), strict=True)
        ],
        "difference": None if few else _difference(spec, found),
        "verdict": "" if few else _verdict(spec, found).capitalize(),
        "test": _TESTS[found.basis],
        "curves": _curves(spec, found, names),
        "cuts": [] if few else _cuts(spec, asked, found),
        "cut_title": say.BREAKDOWNS[asked.cut],
        "driver": "" if few else _driver(spec, asked, found),
        "names": names,
    }


def _names(asked: Asked) -> tuple[str, str]:
    if asked.versions:
        first, second = (_("version %(n)s") % {"n": one} for one in asked.versions)
        return first, second
    first, second = (f"{_day(a)} – {_day(b)}" for a, b in asked.spans)  # noqa: RUF001
    return first, second


def _day(one: date) -> str:
    return f"{one:%-d %b %Y}"


def _side(spec: MetricSpec, name: str, side: Side) -> dict[str, Any]:
    few = side.n < spec.minimum_cases
    further = side.further
    return {
        "name": name,
        "n": side.n,
        "value": _("fewer than %(count)d") % {"count": spec.minimum_cases}
        if few
        else words.amount(side.reading.value, spec),
        "span": words.span(side.reading, spec),
        "open": side.open,
        "moved": side.moved,
        "further": ""
        if further is None or few
        else _("nine in ten by %(value)s (%(span)s)")
        % {"value": words.amount(further.value, spec), "span": words.span(further, spec)},
    }


def _difference(spec: MetricSpec, found: Contrast) -> dict[str, Any] | None:
    apart = found.difference
    if apart is None:
        return None
    return {
        "value": _signed(apart.value, spec),
        "span": words.span(apart, spec),
        "means": ""
        if found.means is None
        else _("mean up to the horizon %(second)s against %(first)s")
        % {
            "second": words.amount(found.means[1], spec),
            "first": words.amount(found.means[0], spec),
        },
        "p_value": _p_words(found.p_value),
    }


def _p_words(p_value: float | None) -> str:
    if p_value is None:
        return ""
    least = 0.001
    if p_value < least:
        return _("log-rank p < 0.001")
    return _("log-rank p = %(p)s") % {"p": f"{p_value:.3f}"}


def _signed(value: float | None, spec: MetricSpec) -> str:
    unit = _("points") if spec.measure is Measure.PERCENT else say.MEASURES[spec.measure]
    sign = "+" if value and value > 0 else ""
    return f"{sign}{words.plain(value, spec)} {unit}"


def _curves(spec: MetricSpec, found: Contrast, names: Sequence[str]) -> dict[str, Any]:
    is_return = spec.formula is Metric.RECONTACT_RATE
    most = 30.0 if is_return else 24.0 * (spec.settings.horizon_days or 14)
    least = spec.minimum_cases
    last = [
        step[0] for side in (found.first, found.second) for step in side.curve if step[4] >= least
    ]
    # No wider than what was seen, or the curves stand in a corner.
    until = min(most, 1.1 * max(last, default=most) or most)
    seen = [
        max((step[3] for step in side.curve if step[4] >= least and step[0] <= until), default=0)
        for side in (found.first, found.second)
    ]
    drawn = [
        describe_curve(side.curve, until=until, minimum=least, top=max(seen))
        for side in (found.first, found.second)
    ]
    return {
        "any": all(one["any"] for one in drawn),
        "before": drawn[0],
        "now": drawn[1],
        "name": _("Share that came back, by days since the resolution")
        if is_return
        else _("Share resolved, by hours since the opening"),
        "head": _("Day") if is_return else _("Hour"),
        "tables": [
            (name, [_step(step) for step in _some(side, least)])
            for name, side in zip(names, (found.first, found.second), strict=True)
        ],
    }


def _some(side: Side, least: int) -> list[tuple[float, float, float, float, int]]:
    seen = [step for step in side.curve if step[4] >= least]
    return list(seen[:: max(1, len(seen) // 12)])


def _step(step: tuple[float, float, float, float, int]) -> dict[str, Any]:
    return {
        "time": f"{step[0]:.1f}",
        "share": f"{step[1]:.1f} %",
        "span": f"{step[2]:.1f} – {step[3]:.1f}",  # noqa: RUF001
        "seen": step[4],
    }


def _cuts(spec: MetricSpec, asked: Asked, found: Contrast) -> list[dict[str, Any]]:
    first, second = found.first.parts, found.second.parts
    if first is None or second is None or not (found.first.n and found.second.n):
        return []
    from qa.measurement.comparing import shares_of  # noqa: PLC0415 numpy is loaded where something is measured

    one, two = (shares_of(parts, asked.cut) for parts in (first, second))
    hidden = frozenset().union(
        *(
            small_cells(
                ((name, share.total) for name, share in shares.items()),
                minimum=spec.minimum_cases,
            )
            for shares in (one, two)
        )
    )
    names = sorted(set(one) | set(two), key=lambda name: (-two.get(name, Share(0, 0)).total, name))
    return [_cut(name, one.get(name), two.get(name), name in hidden) for name in names]


def _cut(name: str, one: Share | None, two: Share | None, is_hidden: bool) -> dict[str, Any]:  # noqa: FBT001
    apart = newcombe(two, one) if one and two and not is_hidden else None
    return {
        "name": plain_words.plain(name) or _("not known"),
        "hidden": is_hidden,
        "first": _share(one),
        "second": _share(two),
        "apart": "" if apart is None else f"{100 * apart.low:+.1f} – {100 * apart.high:+.1f}",  # noqa: RUF001
    }


def _share(share: Share | None) -> dict[str, Any]:
    interval: Interval | None = share.interval() if share else None
    if share is None or interval is None:
        return {"n": 0, "value": _("none"), "span": ""}
    return {
        "n": share.total,
        "value": f"{100 * (share.value or 0.0):.1f} %",
        "span": f"{100 * interval.low:.1f} – {100 * interval.high:.1f}",  # noqa: RUF001
    }


def _driver(spec: MetricSpec, asked: Asked, found: Contrast) -> str:
    """Return what moved it most, whichever way; empty where nothing surely did."""
    apart = found.difference
    first, second = found.first.parts, found.second.parts
    if apart is None or not apart.value or first is None or second is None:
        return ""
    from qa.measurement.comparing import shares_of  # noqa: PLC0415 numpy is loaded where something is measured

    cuts = {}
    for by in Breakdown:
        if by in asked.only or (asked.versions and by is Breakdown.CUE_SHEET_VERSION):
            continue
        before, now = (
            {name: part_of(share.hits, share.total) for name, share in shares_of(parts, by).items()}
            for parts in (first, second)
        )
        cuts[by] = (before, now)
    driver = find_driver(cuts, worse_is_more=apart.value > 0, minimum=spec.minimum_cases)
    if driver is None:
        return ""
    reading = Reading(driver.points, driver.low, driver.high)
    return _("%(by)s %(key)s: %(effect)s, which moved the whole by %(points)s (%(span)s).") % {
        "by": str(say.BREAKDOWNS[driver.by]).capitalize(),
        "key": plain_words.plain(driver.key) or _("not known"),
        "effect": EFFECTS[driver.effect],
        "points": _signed(driver.points, spec),
        "span": words.span(reading, spec),
    }
