"""Quality's own start page: how good it was, how that is known, and what waits."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core import words
from orchestra.core.bounded import in_short
from orchestra.core.together import Reading, all_of, answer
from qa.admin import figure_words as say
from qa.admin.drift import describe_drift
from qa.admin.finding_words import CHECKS
from qa.admin.trend import describe_trend
from qa.figures.assembling import assemble
from qa.figures.registry import reading_alerts
from qa.figures.selectors import reading_periods, reading_plan
from qa.figures.types import Figures, PeriodRows, Standing
from qa.figures.waiting import Coverage, Waiting, reading_coverage, reading_late, reading_waiting
from qa.population.selectors import reading_sums_standing
from qa.population.types import SumsStanding
from qa.sampling.models import SamplingPlanVersion

Periods = Sequence[tuple[PeriodRows, Figures]]


@page("quality/", name="quality", capability=Capability.QUALITY_READ)
def quality(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show how good the last reviewed period was, and what waits for the person."""
    told = answer(
        all_of(
            {
                "figures": _reading_figures(request.GET.get("plan", ""), visit),
                "waits": reading_waiting(reviewer=visit.actor.pk),
                "late": _late(visit),
                "alerts": reading_alerts(),
            }
        )
    )
    plan, found, standing, coverage = told["figures"]
    return render(
        request,
        "qa/quality.html",
        {
            "crumbs": [Crumb(_("Quality")), Crumb(_("How good it was"))],
            "waits": _waits(told["waits"], visit),
            "late": told["late"],
            "ways_on": _ways_on(visit),
            "drift": describe_drift([one for one in found if one[0].strata], told["alerts"]),
            "as_of": standing.behind_at,
            **_describe(plan, found, coverage),
        },
    )


def _reading_figures(
    key: str, visit: Visit
) -> Reading[tuple[SamplingPlanVersion | None, Periods, SumsStanding, list[Coverage]]]:
    """Come to the plan, its periods with their figures, how sums stand, and what checks saw."""
    first = yield from all_of(
        {
            "plan": reading_plan(key, otherwise_first=True),
            "standing": reading_sums_standing(),
        }
    )
    plan, standing = first["plan"], first["standing"]
    if plan is None:
        return None, (), standing, []
    rows = yield from reading_periods(plan=plan.plan.key, as_of=visit.now, standing=standing)
    found = [(one, assemble(one)) for one in rows]
    covered = _covered_of(found)
    if covered is None:
        return plan, found, standing, []
    coverage = yield from reading_coverage(
        period=covered[0].period, total=covered[1].size, standing=standing
    )
    return plan, found, standing, coverage


def _shown_of(found: Periods) -> tuple[PeriodRows, Figures] | None:
    """Return the newest period with a number, the newest where none has one."""
    known = (one for one in found if one[1].standing is Standing.KNOWN)
    return next(known, found[0] if found else None)


def _covered_of(found: Periods) -> tuple[PeriodRows, Figures] | None:
    """Return the period whose checks are told of: the newest with work, else the one shown."""
    return found[0] if found and found[0][1].size else _shown_of(found)


def _describe(
    plan: SamplingPlanVersion | None, found: Periods, coverage: Sequence[Coverage]
) -> dict[str, Any]:
    if plan is None:
        title = _("No sampling plan is in force. Without one there is no fair number.")
        return {"title": title, "plan": None}
    latest = found[0] if found else None
    shown, covered = _shown_of(found), _covered_of(found)
    context: dict[str, Any] = {"plan": plan, "latest": latest, "trend": None}
    if shown is None or covered is None:
        return context | {"title": _("No period of this plan has begun yet")}
    rows, figures = shown
    return context | {
        "title": say.headline(rows, figures),
        "lead": _lead(shown, latest),
        "period": say.period_name(rows),
        "days": say.period_days(rows),
        "figures": figures,
        "rows": rows,
        "estimate": say.say_estimate(figures.used),
        "target": say.say_target(figures),
        "ways": say.say_ways(figures),
        "trend": describe_trend(say.points_of(found)),
        "no_number": say.why_none(*shown),
        "estimate_link": f"{reverse('admin:quality_estimate')}?plan={plan.plan.key}",
        "coverage": [_covered(one) for one in coverage],
        "coverage_total": covered[1].size,
        "coverage_of": say.period_name(covered[0]),
    }


def _lead(shown: tuple[PeriodRows, Figures], latest: tuple[PeriodRows, Figures] | None) -> str:
    figures = shown[1]
    counts = {
        "all": f"{figures.size:,}",
        "done": figures.reviewed,
        "checked": f"{figures.checked:,}",
    }
    if figures.checked:
        said = _(
            "Of %(all)s in the population %(checked)s were checked automatically and %(done)d "
            "were reviewed by people."
        )
    else:
        said = _("Of %(all)s in the population %(done)d were reviewed by people.")
    text = said % counts
    if latest is not None and latest[0] is not shown[0]:
        why = say.why_none(*latest)
        text += " " + _("%(period)s: %(why)s.") % {
            "period": say.period_name(latest[0]),
            "why": why,
        }
    return text


def _waits(found: Waiting, visit: Visit) -> list[dict[str, Any]]:
    """Return what waits, first what has a deadline."""
    rows = [
        (found.mine, _("Reviews, yours"), "", found.mine_due_at, "quality_reviews"),
        (
            found.calibration,
            _("Calibration to score"),
            "",
            found.calibration_due_at,
            "calibrations",
        ),
        (
            found.unassigned,
            _("Drawn reviews nobody has"),
            _("No reviewer was free to take them."),
            None,
            "quality_reviews",
        ),
        (
            found.findings,
            _("Findings nobody has looked at"),
            _("oldest %(ago)s") % {"ago": words.ago(at=found.oldest_at, now=visit.now)}
            if found.oldest_at
            else "",
            None,
            "findings",
        ),
        (
            found.directed,
            _("Directed reviews"),
            _("Asked for by somebody; never part of the estimate."),
            found.directed_due_at,
            "quality_reviews",
        ),
    ]
    return [
        {
            "count": in_short(count),
            "title": title,
            "note": note,
            "due": due,
            "link": link_to(name),
        }
        for count, title, note, due, name in rows
        if count
    ]


def _ways_on(visit: Visit) -> list[dict[str, str]]:
    """Return where a key leads from here, of what the person may see."""
    ways = [
        ("n", _("Next review"), "quality_reviews", Capability.QUALITY_REVIEW),
        ("d", _("Disputes"), "disputes", Capability.QUALITY_LEAD),
        ("f", _("Findings"), "findings", Capability.QUALITY_READ),
    ]
    return [
        {"key": key, "title": title, "link": link_to(name)}
        for key, title, name, capability in ways
        if visit.may(capability) and link_to(name)
    ]


def _late(visit: Visit) -> Reading[list[dict[str, Any]]]:
    """Come to what is late and whose: for who leads of everybody, for others their own."""
    leads = visit.may(Capability.QUALITY_LEAD)
    found = yield from reading_late(now=visit.now, reviewer=None if leads else visit.actor.pk)
    return [
        {
            "count": one.count,
            "title": ngettext("Late review", "Late reviews", one.count),
            "whose": one.who or _("Nobody has them."),
            "due": one.due_at,
            "link": link_to("quality_reviews"),
        }
        for one in found
    ]


def link_to(name: str) -> str:
    """Return the address of a page; empty where this installation has none by that name."""
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        return ""


def _covered(one: Coverage) -> dict[str, Any]:
    whole = max(1, one.total)
    checked = round(150 * one.checked / whole, 1)
    applies = round(150 * one.does_not_apply / whole, 1)
    return {
        "title": CHECKS[one.check][0] if one.check in CHECKS else words.plain(one.check),
        "series": one.series,
        "checked": one.checked,
        "does_not_apply": one.does_not_apply,
        "found": one.found,
        "missed": sum(one.not_checked.values()),
        "reasons": [
            {"why": say.say_reason(code), "count": count} for code, count in one.not_checked.items()
        ],
        "checked_wide": checked,
        "applies_wide": applies,
        "missed_x": round(checked + applies, 1),
        "missed_wide": round(max(0.0, 150 - checked - applies), 1),
    }
