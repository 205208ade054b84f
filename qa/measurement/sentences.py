"""A metric definition in words, the same on its page and in a difference."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from orchestra.core import words
from orchestra.templatetags.parts import role as role_name
from qa.measurement.catalogue import FORMULAS
from qa.measurement.types import (
    Breakdown,
    Clock,
    Cohort,
    Direction,
    Goal,
    LeftOut,
    Measure,
    MetricSpec,
    Statistic,
)

MEASURES = {
    Measure.PERCENT: "%",
    Measure.PER_100: _lazy("per 100"),
    Measure.HOURS: _lazy("h"),
    Measure.MINUTES: _lazy("min"),
}
COHORTS = {
    Cohort.OPENED: _lazy("By opening: everything opened in the period, also what is still open."),
    Cohort.RESOLVED: _lazy("By resolution: everything resolved in the period."),
    Cohort.HANDLED: _lazy("By contact: every contact handled in the period."),
    Cohort.STARTED: _lazy("By start: every step begun in the period."),
    Cohort.CLOSED: _lazy("By closing: every case closed in the period."),
}
CLOCKS = {
    Clock.CALENDAR: _lazy("Calendar time."),
    Clock.BUSINESS: _lazy("Business hours, by the calendar pinned when the case was opened."),
}
BETTER = {
    Direction.LOWER: _lazy("lower is better"),
    Direction.HIGHER: _lazy("higher is better"),
}
STATISTICS = {
    Statistic.MEDIAN: _lazy("median"),
    Statistic.P90: _lazy("nine in ten"),
    Statistic.RESTRICTED_MEAN: _lazy("mean up to the horizon"),
    Statistic.MEAN: _lazy("mean"),
}
BREAKDOWNS = {
    Breakdown.JOURNEY: _lazy("journey"),
    Breakdown.CHANNEL: _lazy("channel"),
    Breakdown.PATTERN: _lazy("pattern"),
    Breakdown.CUE_SHEET_VERSION: _lazy("version of the cue sheet"),
    Breakdown.QUEUE: _lazy("queue"),
    Breakdown.AI_VERSION: _lazy("version of the AI"),
    Breakdown.RISK: _lazy("risk"),
}
LEFT_OUT = {
    LeftOut.SPAM: _lazy("spam"),
    LeftOut.TEST: _lazy("tests"),
    LeftOut.DUPLICATE: _lazy("duplicates"),
    LeftOut.INTERNAL: _lazy("internal contacts"),
    LeftOut.ABANDONED: _lazy("abandoned before any handling"),
    LeftOut.MERGED: _lazy("absorbed by a merge"),
}


def metric_words(spec: MetricSpec) -> dict[str, str]:
    """Return a definition as sentences, by what each is about; in the order of a page."""
    found = {
        _("Title"): spec.title,
        _("What it says"): spec.meaning,
        _("Counts"): spec.counted,
        _("Among"): spec.among,
        _("Formula"): _formula(spec),
        _("Does not count"): "; ".join(spec.not_counted),
        _("Left out"): ", ".join(str(LEFT_OUT[one]) for one in spec.left_out),
        _("Period"): str(COHORTS[spec.cohort]),
        _("Clock"): _("%(clock)s Days of %(zone)s.")
        % {"clock": CLOCKS[spec.clock], "zone": spec.time_zone},
        **_settings(spec),
        _("Cut by"): ", ".join(str(BREAKDOWNS[one]) for one in spec.breakdowns),
        _("Few cases"): _("Under %(count)d the interval alone is shown.")
        % {"count": spec.minimum_cases},
        _("Marked as old"): ngettext(
            "After %(count)d minute.",
            "After %(count)d minutes.",
            spec.stale_after_minutes,
        )
        % {"count": spec.stale_after_minutes},
        _("Owner"): role_name(spec.owner),
        _("Beware"): spec.beware,
    }
    return {place: text for place, text in found.items() if text}


def goal_words(goal: Goal, spec: MetricSpec) -> str:
    """Return one target."""
    value = f"{goal.value:g} {MEASURES[spec.measure]}"
    bound = (
        _("at most %(value)s") if spec.better is Direction.LOWER else _("at least %(value)s")
    ) % {"value": value}
    parts = [bound if goal.statistic is None else f"{STATISTICS[goal.statistic]} {bound}"]
    if goal.journey:
        parts.append(_("for the journey %(journey)s") % {"journey": words.plain(goal.journey)})
    if goal.risk:
        parts.append(_("for %(risk)s risk") % {"risk": goal.risk})
    return " ".join(parts)


def _formula(spec: MetricSpec) -> str:
    name = FORMULAS[spec.formula].title
    said = ", ".join(str(STATISTICS[one]) for one in spec.statistics)
    shown = _("%(formula)s: %(said)s") % {"formula": name, "said": said} if said else name
    return _("%(formula)s, in %(unit)s; %(better)s.") % {
        "formula": shown[0].upper() + shown[1:],
        "unit": MEASURES[spec.measure],
        "better": BETTER[spec.better],
    }


def _settings(spec: MetricSpec) -> dict[str, str]:
    given = spec.settings
    found = {
        _("Window"): _counted(given.window_days, _("%(count)d days after the resolution.")),
        _("Curve at"): ", ".join(str(one) for one in given.curve_days)
        and _("%(days)s days.") % {"days": ", ".join(str(one) for one in given.curve_days)},
        _("Transfers that count"): ", ".join(words.plain(one) for one in given.transfers),
        _("Bounce"): _counted(given.return_minutes, _("Back within %(count)d minutes.")),
        _("Same episode"): _counted(
            given.continues_within_hours,
            _("Reopened within %(count)d hours for the same cause."),
        ),
        _("Horizon"): _counted(given.horizon_days, _("%(count)d days.")),
        _("Cap"): _counted(given.cap_minutes, _("More than %(count)d minutes count as so many.")),
        _("Exceptions that count"): ", ".join(words.plain(one) for one in given.exceptions),
        _("Late facts"): _counted(
            given.evaluate_after_hours,
            _("Count up to %(count)d hours after closing, and are shown."),
        ),
    }
    return {place: text for place, text in found.items() if text}


def _counted(count: int | None, text: str) -> str:
    return "" if count is None else text % {"count": count}
