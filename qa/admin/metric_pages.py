"""The page of one metric, and the cases behind it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.memory.models import Case
from governance.access.selectors import readable_queue_ids
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from orchestra.core import words as plain_words
from orchestra.core.errors import NotFoundError
from qa.admin import metric_words as words
from qa.admin.known import read_known
from qa.admin.metric_charts import WIDE, describe_curve, describe_trend
from qa.admin.outcomes import describe_card, oldest, spots
from qa.admin.targets import alerts_of
from qa.measurement import sentences as say
from qa.measurement.formulas.shares import Share, pooled_weights, standardise
from qa.measurement.marks import list_marks
from qa.measurement.measured import Behind
from qa.measurement.selectors import select_cases
from qa.measurement.services.computing import HEADLINE_WEEKS, period_of, this_monday
from qa.measurement.showing import Shown, list_shown
from qa.measurement.types import Breakdown, Measure, Metric, MetricSpec

Json = Any

PAGE_SIZE: Final = 50
#: So many of what came into force on one day are named; the rest is counted.
_MARKED: Final = 3
_CHUNK: Final = 500
_RETURNS: Final = frozenset({Metric.RECONTACT_RATE, Metric.FIRST_CONTACT_RESOLUTION})


@page("outcomes/<str:key>/", name="outcome", capability=Capability.METRIC_READ)
def outcome(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one metric: answers, curve, breakdowns, weeks, and its definition."""
    known = read_known(request, visit)
    one = _find(known.shown, key)
    card = describe_card(one, visit)
    body = one.now.body if one.now else {}
    marks = _marks(one, visit)
    return render(
        request,
        "qa/outcome.html",
        {
            "title": _title(one, card),
            "crumbs": _crumbs(one.spec),
            "card": card,
            "known": known,
            "old": "" if known.at else oldest([one], visit),
            "computed_at": one.now.computed_at if one.now else None,
            "upto": one.now.upto_index if one.now else None,
            "trend": describe_trend(
                spots(one),
                unit=str(say.MEASURES[one.spec.measure]),
                target=one.spec.goals[0].value if one.spec.goals else None,
                frame=WIDE,
                most=100 if one.spec.measure is Measure.PERCENT else None,
                marks=[mark["place"] for mark in marks],
            ),
            "marks": marks,
            "alerts": [] if known.at else alerts_of(one.spec),
            "compare": reverse("admin:outcome_compare", args=[key]),
            "curve": _curve(one.spec, body),
            "windows": _windows(one.spec, body),
            "groups": _groups(body),
            "breakdowns": [
                _breakdown(one.spec, *pair) for pair in body.get("breakdowns", {}).items()
            ],
            "mix": _same_mix(one),
            "words": say.metric_words(one.spec).items(),
            "cases": reverse("admin:outcome_cases", args=[key]),
        },
    )


@page("outcomes/<str:key>/cases/", name="outcome_cases", capability=Capability.METRIC_READ)
def outcome_cases(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show the cases behind the number, those that count first; of queues the reader may see."""
    one = _find(list_shown(now=visit.now), key)
    begin = this_monday(now=visit.now, time_zone=one.spec.time_zone) - timedelta(
        weeks=HEADLINE_WEEKS
    )
    period = period_of(spec=one.spec, begin=begin, weeks=HEADLINE_WEEKS, now=visit.now)
    facts = select_cases(
        cohort=one.spec.cohort,
        begin=period.begin,
        end=period.end,
        with_customers=one.spec.formula in _RETURNS,
    )
    from qa.measurement.measuring import list_behind  # noqa: PLC0415 numpy is loaded where something is measured

    behind = list_behind(spec=one.spec, cases=facts, period=period)
    rows, following = _page_of(visit, behind, after=request.GET.get("after", ""))
    link = reverse("admin:outcome_cases", args=[key])
    return render(
        request,
        "qa/outcome_cases.html",
        {
            "title": _("Cases behind %(metric)s") % {"metric": one.spec.title},
            "crumbs": [*_crumbs(one.spec, linked=True), Crumb(_("Cases"))],
            "rows": rows,
            "more": f"{link}?after={following}" if following else "",
            "counted": one.spec.counted,
        },
    )


def _page_of(
    visit: Visit, behind: Sequence[Behind], *, after: str
) -> tuple[list[dict[str, Any]], str]:
    """Return one page of cases and the place after which the next begins; one query for 500."""
    ordered: dict[str, bool] = {}
    for one in behind:
        ordered.setdefault(one.case, one.hit)
    keys = [(f"{0 if hit else 1}{case}", case, hit) for case, hit in ordered.items()]
    left = [key for key in keys if key[0] > after]
    shown: list[tuple[str, Case, bool]] = []
    for start in range(0, len(left), _CHUNK):
        part = left[start : start + _CHUNK]
        seen = _readable(visit, [case for _key, case, _hit in part])
        shown += [(key, seen[case], hit) for key, case, hit in part if case in seen]
        if len(shown) > PAGE_SIZE:
            break
    rows = [
        {
            "label": case.label,
            "link": reverse("admin:case", args=[case.public_id]),
            "opened_at": case.opened_at,
            "queue": case.queue.title,
            "status": plain_words.plain(case.status),
            "hit": hit,
        }
        for _key, case, hit in shown[:PAGE_SIZE]
    ]
    return rows, shown[PAGE_SIZE - 1][0] if len(shown) > PAGE_SIZE else ""


def _readable(visit: Visit, cases: Sequence[str]) -> dict[str, Case]:
    found = Case.objects.filter(public_id__in=cases).select_related("queue")
    queues = readable_queue_ids(visit.authority, Capability.CASE_READ)
    if queues is not None:
        found = found.filter(queue_id__in=queues)
    return {str(case.public_id): case for case in found}


def _find(shown: Sequence[Shown], key: str) -> Shown:
    found = next((one for one in shown if one.spec.key == key), None)
    if found is None:
        raise NotFoundError(_("No such metric is in force."))
    return found


def _crumbs(spec: MetricSpec, *, linked: bool = False) -> list[Crumb]:
    own = reverse("admin:outcome", args=[spec.key]) if linked else ""
    return [
        Crumb(_("Measure")),
        Crumb(_("Outcomes"), reverse("admin:outcomes")),
        Crumb(spec.title, own),
    ]


def _title(one: Shown, card: Mapping[str, Any]) -> str:
    if card["figure"] is None:
        return _("%(metric)s: not yet") % {"metric": one.spec.title}
    if card["few"]:
        return _("%(metric)s: fewer than %(count)d, interval only") % {
            "metric": one.spec.title,
            "count": one.spec.minimum_cases,
        }
    return _("%(metric)s: %(value)s") % {"metric": one.spec.title, "value": card["value"]}


def _marks(one: Shown, visit: Visit) -> list[dict[str, Any]]:
    """Return what came into force in the weeks of the trend, each with before and after."""
    if not one.weeks:
        return []
    first = one.weeks[0][0]
    zone = ZoneInfo(one.spec.time_zone)
    found = list_marks(
        since=datetime.combine(first, time(), tzinfo=zone), time_zone=one.spec.time_zone
    )
    today = visit.now.astimezone(zone).date()
    return [
        {
            "day": mark.day,
            "place": (mark.day - first).days / 7,
            "titles": mark.titles[:_MARKED],
            "more": max(0, len(mark.titles) - _MARKED),
            "compare": _before_and_after(one.spec.key, mark.day, today),
        }
        for mark in found
        # A day of the week that runs is no place on the axis yet, and has no after.
        if mark.day < first + timedelta(weeks=len(one.weeks))
    ]


def _before_and_after(key: str, day: date, today: date) -> str:
    last = min(day + timedelta(weeks=HEADLINE_WEEKS), today) - timedelta(days=1)
    if last < day:
        return ""
    span = {
        "from1": day - timedelta(weeks=HEADLINE_WEEKS),
        "to1": day - timedelta(days=1),
        "from2": day,
        "to2": last,
    }
    return f"{reverse('admin:outcome_compare', args=[key])}?{urlencode(span)}"


def _curve(spec: MetricSpec, body: Mapping[str, Json]) -> dict[str, Any]:
    steps = body.get("curve", ())
    is_return = spec.formula is Metric.RECONTACT_RATE
    until = 30.0 if is_return else 24.0 * (spec.settings.horizon_days or 14)
    found = describe_curve(steps, until=until, minimum=spec.minimum_cases)
    return found | {
        "name": _("Share that came back, by days since the resolution")
        if is_return
        else _("Share resolved, by hours since the opening"),
        "head": _("Day") if is_return else _("Hour"),
        "rows": [
            {
                "time": f"{one[0]:.1f}",
                "share": f"{one[1]:.1f} %",
                "span": f"{one[2]:.1f} – {one[3]:.1f}",  # noqa: RUF001
                "seen": one[4],
            }
            for one in steps[:: max(1, len(steps) // 12)]
            if one[4] >= spec.minimum_cases
        ],
    }


def _same_mix(one: Shown) -> list[dict[str, Any]]:
    """Return both stretches of four weeks, as they were and with the mix of both together."""
    if one.now is None or one.before is None:
        return []
    stretches = [
        (title, {name: Share(*pair) for name, pair in cell.body["strata"].items()})
        for title, cell in ((_("Four weeks before"), one.before), (_("Last four weeks"), one.now))
    ]
    if not all(shares for _title, shares in stretches):
        return []
    weights = pooled_weights(
        *({name: share.total for name, share in shares.items()} for _title, shares in stretches)
    )
    return [_mixed(title, shares, weights) for title, shares in stretches]


def _mixed(title: str, shares: Mapping[str, Share], weights: Mapping[str, float]) -> dict[str, Any]:
    whole = Share(
        sum(one.hits for one in shares.values()), sum(one.total for one in shares.values())
    )
    found = standardise(shares, weights)
    return {
        "title": title,
        "n": whole.total,
        "crude": f"{100 * (whole.value or 0.0):.1f} %",
        "mixed": f"{100 * found.value:.1f} %" if found else _("not shown"),
        "span": f"{100 * found.interval.low:.1f} – {100 * found.interval.high:.1f}"  # noqa: RUF001
        if found
        else "",
        "covered": f"{100 * found.covered:.0f} %" if found else "",
    }


def _windows(spec: MetricSpec, body: Mapping[str, Json]) -> list[dict[str, Any]]:
    if spec.formula is not Metric.RECONTACT_RATE:
        return []
    found = []
    for days, told in body.get("counts", {}).items():
        enough = told["seen"] >= spec.minimum_cases and told.get("value") is not None
        found.append(
            {
                "days": days,
                "value": f"{told['value']:.1f} %" if enough else _("not yet"),
                "span": f"{told['low']:.1f} – {told['high']:.1f}" if enough else "",  # noqa: RUF001
                "seen": int(told["seen"]),
            }
        )
    return found


def _groups(body: Mapping[str, Json]) -> list[dict[str, Any]]:
    titles = {
        "by_type": _("By kind of transfer"),
        "reasons": _("Why an AI gave it up"),
        "by_kind": _("By kind of exception, the root of each chain"),
        "missing": _("What is missing"),
    }
    return [
        {
            "title": titles[name],
            "rows": [(plain_words.plain(key), int(count)) for key, count in told.items()],
        }
        for name, told in body.get("counts", {}).items()
        if name in titles and told
    ]


def _breakdown(spec: MetricSpec, name: str, lines: Sequence[Mapping[str, Json]]) -> dict[str, Any]:
    return {
        "title": _("By %(what)s") % {"what": say.BREAKDOWNS[Breakdown(name)]},
        "rows": [
            {
                "key": plain_words.plain(line["key"]) or _("not known"),
                "hidden": line["n"] is None,
                "n": line["n"],
                "value": words.amount(line["value"], spec),
                "span": ""
                if line["low"] is None or line["high"] is None
                else f"{words.plain(line['low'], spec)} – {words.plain(line['high'], spec)}",  # noqa: RUF001
            }
            for line in lines
        ],
    }
