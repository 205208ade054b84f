"""The outcomes: are we getting better where it matters?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from qa.admin import metric_words as words
from qa.admin.known import read_known
from qa.admin.metric_charts import Spot, describe_trend
from qa.measurement import sentences as say
from qa.measurement.models import MetricCell
from qa.measurement.showing import Shown
from qa.measurement.standing import Verdict, change, is_old, main_reading, standings
from qa.measurement.types import Measure, MetricSpec, Statistic

Json = Any

_WHOLE: Final = 100.0


@page("outcomes/", name="outcomes", capability=Capability.METRIC_READ)
def outcomes(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the six outcomes, each with its interval, its target and what was left out."""
    known = read_known(request, visit)
    shown = known.shown
    cards = [describe_card(one, visit) for one in shown]
    computed = [one.now for one in shown if one.now is not None]
    return render(
        request,
        "qa/outcomes.html",
        {
            "title": _title(cards),
            "crumbs": [Crumb(_("Measure")), Crumb(_("Outcomes"))],
            "cards": cards,
            "computed_at": min((one.computed_at for one in computed), default=None),
            "upto": min((one.upto_index for one in computed), default=None),
            "known": known,
            "old": "" if known.at else oldest(shown, visit),
            "files": [
                {"title": title, "link": reverse("admin:outcomes_export", args=[kind])}
                for kind, title in (("csv", "CSV"), ("json", "JSON"), ("parquet", "Parquet"))
            ],
        },
    )


def describe_card(one: Shown, visit: Visit) -> dict[str, Any]:
    """Return a metric as its card shows it."""
    link = reverse("admin:outcome", args=[one.spec.key])
    card: dict[str, Any] = {
        "key": one.spec.key,
        "title": one.spec.title,
        "link": link,
        "definition": reverse("admin:metric_definition", args=[one.spec.key]),
        "number": one.version.number,
        "counted": one.spec.counted,
        "among": one.spec.among,
        "minimum": one.spec.minimum_cases,
        "verdicts": [],
        "figure": None,
    }
    if one.now is None:
        return card
    figure = one.now.body["figure"]
    reading = main_reading(one.spec, figure)
    few = figure["n"] < one.spec.minimum_cases
    before = main_reading(one.spec, one.before.body["figure"]) if one.before else None
    return card | {
        "figure": figure,
        "few": few,
        "value": words.amount(reading.value, one.spec),
        "statistic": say.STATISTICS[one.spec.statistics[0]] if one.spec.statistics else "",
        "span": words.span(reading, one.spec),
        "further": _further(one.spec, figure),
        "verdicts": [] if few else verdicts(one),
        "change": words.change_words(change(reading, before) if before else None, one.spec),
        "counts": words.counted(figure),
        "left_out": words.left_out(figure),
        "beside": words.beside(figure),
        "trend": describe_trend(
            spots(one),
            unit=str(say.MEASURES[one.spec.measure]),
            target=one.spec.goals[0].value if one.spec.goals else None,
            most=_WHOLE if one.spec.measure is Measure.PERCENT else None,
        ),
        "weeks": trend_rows(one),
        "old": is_old(spec=one.spec, computed_at=one.now.computed_at, now=visit.now),
    }


def verdicts(one: Shown) -> list[dict[str, Any]]:
    """Return each target with what the interval says of it."""
    if one.now is None:
        return []
    found = []
    for standing in standings(one.spec, one.now.body["figure"]):
        text, css = words.VERDICTS[standing.verdict]
        goal = say.goal_words(standing.goal, one.spec)
        found.append({"goal": goal, "text": text, "css": css, "verdict": standing.verdict})
    return found


def spots(one: Shown) -> list[Spot]:
    """Return the weeks of a trend; one with too few cases has its interval alone."""
    return [_spot(one.spec, begin, cell) for begin, cell in one.weeks]


def trend_rows(one: Shown) -> list[dict[str, Any]]:
    """Return the trend as the lines of a table."""
    rows = []
    for begin, cell in one.weeks:
        reading = main_reading(one.spec, cell.body["figure"]) if cell else None
        few = bool(cell) and cell is not None and cell.body["figure"]["n"] < one.spec.minimum_cases
        rows.append(
            {
                "week": week_label(begin),
                "begin": begin,
                "value": _("fewer than %(count)d") % {"count": one.spec.minimum_cases}
                if few
                else words.amount(reading.value if reading else None, one.spec),
                "span": words.span(reading, one.spec) if reading else "",
                "n": cell.body["figure"]["n"] if cell else None,
                "open": cell.body["figure"]["open"] if cell else None,
            }
        )
    return rows


def week_label(begin: date) -> str:
    """Return a week by its number."""
    return _("w %(number)d") % {"number": begin.isocalendar().week}


def oldest(shown: Sequence[Shown], visit: Visit) -> str:
    """Return how old the oldest number is that must say so; empty where none must."""
    ages = [
        visit.now - one.now.computed_at
        for one in shown
        if one.now and is_old(spec=one.spec, computed_at=one.now.computed_at, now=visit.now)
    ]
    if not ages:
        return ""
    hours = int(max(ages).total_seconds() // 3600)
    if hours:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    minutes = int(max(ages).total_seconds() // 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _spot(spec: MetricSpec, begin: date, cell: MetricCell | None) -> Spot:
    if cell is None:
        return Spot(week_label(begin), None)
    reading = main_reading(spec, cell.body["figure"])
    few = cell.body["figure"]["n"] < spec.minimum_cases
    return Spot(week_label(begin), None if few else reading.value, reading.low, reading.high)


def _further(spec: MetricSpec, figure: Mapping[str, Json]) -> str:
    if Statistic.P90 not in spec.statistics:
        return ""
    value = figure["beside"].get("p90")
    if value is None:
        nine = _("nine in ten: not reached yet")
    else:
        nine = _("nine in ten by %(value)s") % {"value": words.amount(value, spec)}
    net = figure["beside"].get("net")
    if net is None or not figure["beside"].get("waited"):
        return nine
    less = _("half by %(value)s without the time spent waiting for others")
    return f"{nine}; {less % {'value': words.amount(net, spec)}}"


def _title(cards: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(card["verdicts"][0]["verdict"] for card in cards if card["verdicts"])
    if not counts:
        return _("Outcomes: not yet")
    other = counts[Verdict.NOT_SHOWN] + counts[Verdict.NOT_YET]
    met, missed = counts[Verdict.MET], counts[Verdict.MISSED]
    parts = [
        ngettext("%(n)d target met", "%(n)d targets met", met) % {"n": met},
        _("%(n)d missed") % {"n": missed},
        _("%(n)d not shown either way") % {"n": other},
    ]
    return ", ".join(parts)
