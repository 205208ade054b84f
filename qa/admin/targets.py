"""Targets, readable, and the alerts of those that are not kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.tracked import Tracked, tracked_records
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core import words as plain_words
from orchestra.templatetags.parts import role as role_name
from qa.admin import metric_words as words
from qa.admin.documents import Library, show_document, show_list
from qa.admin.outcomes import week_label
from qa.measurement import sentences as metric_say
from qa.measurement.selectors import list_in_force
from qa.measurement.selectors import spec_of as metric_of
from qa.measurement.standing import Reading
from qa.measurement.types import Breakdown, MetricSpec
from qa.targets import sentences as say
from qa.targets import services
from qa.targets.models import OutcomeAlert, OutcomeTarget, OutcomeTargetVersion
from qa.targets.rules import may_answer
from qa.targets.selectors import SHELF, get_alert, list_alerts, list_open_alerts, spec_of
from qa.targets.types import AlertState, Effect, Ending, Sign, TargetSpec

Json = Any
READ: Final = Capability.METRIC_READ
MOST: Final = 50


def _cells(version: OutcomeTargetVersion) -> list[object]:
    spec = spec_of(version)
    return [plain_words.plain(spec.metric), say.scope_words(spec), say.goal_words(spec)]


LIBRARY = Library(
    shelf=SHELF,
    group=_lazy("Measure"),
    title=_lazy("Targets"),
    about=_lazy(
        "What a metric is to be, for one journey or for all, and who answers for it. Weeks "
        "together, never one alone, open an alert."
    ),
    empty=_lazy("No target is set yet."),
    name="outcome_target",
    heads=(_lazy("Metric"), _lazy("Journey"), _lazy("Target")),
    cells=_cells,
)

tracked_records.register("outcome_target", Tracked(OutcomeTarget, READ, "outcome_target", "key"))
tracked_records.register("outcome_target_version", Tracked(OutcomeTargetVersion, READ))


@page("targets/", name="outcome_targets", capability=READ)
def outcome_targets(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every target with the version in force."""
    return show_list(request, visit, LIBRARY)


@page("targets/<str:key>/", name="outcome_target", capability=READ)
def outcome_target(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Show one version of a target as a card, with its alerts."""
    return show_document(request, visit, LIBRARY, key, "qa/outcome_target.html", _describe)


def _describe(version: OutcomeTargetVersion) -> dict[str, Any]:
    spec = spec_of(version)
    said = say.target_words(spec)
    alerts = list_alerts().filter(target_id=version.target_id)[:MOST]
    return {
        "spec": spec,
        "words": [pair for pair in said.items() if pair[0] != _("Title")],
        "outcome": reverse("admin:outcome", args=[spec.metric]),
        "alerts": [describe_alert(one, {}) for one in alerts],
    }


@page("outcome-alerts/", name="outcome_alerts", capability=READ)
def outcome_alerts(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the alerts that are not closed, and how the last ones ended."""
    del visit
    metrics = metrics_in_force()
    waiting = [describe_alert(one, metrics) for one in list_open_alerts()[:MOST]]
    closed = list_alerts().filter(state=AlertState.CLOSED).order_by("-closed_at")[:MOST]
    return render(
        request,
        "qa/outcome_alerts.html",
        {
            "title": _("Alerts"),
            "crumbs": [Crumb(_("Measure")), Crumb(_("Alerts"))],
            "headline": ngettext(
                "%(count)d target is not kept", "%(count)d targets are not kept", len(waiting)
            )
            % {"count": len(waiting)}
            if waiting
            else _("Every target is kept, or not shown either way"),
            "waiting": waiting,
            "closed": [describe_alert(one, metrics) for one in closed],
        },
    )


@page("outcome-alerts/<uuid:outcome_alert_id>/", name="outcome_alert", capability=READ)
def outcome_alert(request: HttpRequest, visit: Visit, outcome_alert_id: UUID) -> HttpResponse:
    """Show one alert: what was seen, what moved it, and what is done about it."""
    return _show(request, visit, outcome_alert_id)


@page(
    "outcome-alerts/<uuid:outcome_alert_id>/acknowledge/",
    name="outcome_alert_acknowledge",
    capability=READ,
    methods=("POST",),
)
def acknowledge(request: HttpRequest, visit: Visit, outcome_alert_id: UUID) -> HttpResponse:
    """Say that it is seen and what is done about it."""
    return _answer(
        request,
        visit,
        outcome_alert_id,
        services.acknowledge_alert,
        "outcome_alert.acknowledge",
        _("Acknowledged. It stays here until the target is kept again."),
    )


@page(
    "outcome-alerts/<uuid:outcome_alert_id>/close/",
    name="outcome_alert_close",
    capability=READ,
    methods=("POST",),
)
def close(request: HttpRequest, visit: Visit, outcome_alert_id: UUID) -> HttpResponse:
    """Close it before the numbers do, with a reason."""
    return _answer(
        request,
        visit,
        outcome_alert_id,
        services.close_alert,
        "outcome_alert.close",
        _("Closed. A newer week may open another."),
    )


def _answer(
    request: HttpRequest, visit: Visit, alert_id: UUID, act: Any, name: str, done: str
) -> HttpResponse:
    error = attempt(
        request,
        lambda: act(
            actor=visit.actor,
            now=visit.now,
            alert_id=alert_id,
            note=request.POST.get("note", ""),
        ),
        refusal=as_refusal(name, alert_id),
    )
    if error is not None:
        return _show(request, visit, alert_id, status=error.status)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("admin:outcome_alert", args=[alert_id]))


def _show(request: HttpRequest, visit: Visit, alert_id: UUID, *, status: int = 200) -> HttpResponse:
    alert = get_alert(alert_id)
    spec = spec_of(alert.version)
    metrics = metrics_in_force()
    return render(
        request,
        "qa/outcome_alert.html",
        {
            "title": alert.target.title,
            "crumbs": [
                Crumb(_("Measure")),
                Crumb(_("Alerts"), reverse("admin:outcome_alerts")),
                Crumb(alert.target.title),
            ],
            "alert": alert,
            "told": describe_alert(alert, metrics),
            "weeks": _weeks(alert, metrics.get(spec.metric)),
            "note": request.POST.get("note", ""),
            "may": may_answer(authority=visit.authority, owner=spec.owner),
            "outcome": reverse("admin:outcome", args=[spec.metric]),
            "target": reverse("admin:outcome_target", args=[alert.target.key])
            + f"?version={alert.version.number}",
        },
        status=status,
    )


def alerts_of(metric: MetricSpec) -> list[dict[str, Any]]:
    """Return the alerts on a metric that are not closed, one query."""
    found = list_open_alerts().filter(version__metric=metric.key)[:MOST]
    return [describe_alert(one, {metric.key: metric}) for one in found]


def metrics_in_force() -> dict[str, MetricSpec]:
    """Return the definitions in force by key, one query."""
    return {version.metric.key: metric_of(version) for version in list_in_force()}


def describe_alert(alert: OutcomeAlert, metrics: Mapping[str, MetricSpec]) -> dict[str, Any]:
    """Return one alert as lists show it."""
    spec = spec_of(alert.version)
    metric = metrics.get(spec.metric)
    state = AlertState(alert.state)
    return {
        "title": alert.target.title,
        "link": reverse("admin:outcome_alert", args=[alert.public_id]),
        "scope": say.scope_words(spec),
        "goal": say.goal_words(spec, metric.measure if metric else None),
        "owner": role_name(spec.owner),
        "sign": say.SIGNS[Sign(alert.sign)],
        "state": state,
        "state_words": say.STATES[state],
        "opened_at": alert.opened_at,
        "closed_at": alert.closed_at,
        "ending": say.ENDINGS[Ending(alert.ending)] if alert.ending else "",
        "driver": driver_words(alert.driver, metric),
        "driver_link": _driver_link(alert, spec),
    }


def driver_words(driver: Mapping[str, Json], metric: MetricSpec | None) -> str:
    """Return what moved a number most in one sentence; empty where nothing surely did."""
    if not driver or metric is None:
        return ""
    reading = Reading(driver["points"], driver["low"], driver["high"])
    return _(
        "%(by)s %(key)s: %(effect)s, which moved the whole by %(points)s points "
        "(%(span)s) of %(change)s"
    ) % {
        "by": str(metric_say.BREAKDOWNS[Breakdown(driver["by"])]).capitalize(),
        "key": plain_words.plain(driver["key"]) or _("not known"),
        "effect": say.EFFECTS[Effect(driver["effect"])],
        "points": f"{driver['points']:+.1f}",
        "span": words.span(reading, metric),
        "change": f"{driver['change']:+.1f}",
    }


def _driver_link(alert: OutcomeAlert, spec: TargetSpec) -> str:
    return reverse("admin:outcome", args=[spec.metric]) if alert.driver else ""


def _weeks(alert: OutcomeAlert, metric: MetricSpec | None) -> list[dict[str, Any]]:
    rows = []
    for one in alert.weeks:
        begin = date.fromisoformat(one["begin"])
        reading = Reading(one["value"], one["low"], one["high"])
        rows.append(
            {
                "week": week_label(begin),
                "begin": begin,
                "value": words.amount(one["value"], metric) if metric else f"{one['value']:g}",
                "span": words.span(reading, metric) if metric else "",
                "n": one["n"],
            }
        )
    return rows
