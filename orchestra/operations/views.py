"""The page of what runs and what is stuck, and the part of it that is asked for again."""

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.tools.at_work import AtWork
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, fragment, page, render
from governance.ledger.types import Backlog
from governance.liveness.models import WorkerSign
from governance.switches.models import Stop
from governance.switches.types import StopScope
from orchestra.core import words
from orchestra.core.bounded import in_short
from orchestra.core.breaker import CLOSED, OPEN, TRIAL
from orchestra.operations.executions import describe_hours
from orchestra.operations.reading import (
    STOPS_SHOWN,
    UNKNOWN_SHOWN,
    Line,
    Running,
    Sending,
    read_running,
)
from orchestra.templatetags.parts import number

SECONDS: Final = 10
#: The product's own alarm for the sequencer, as on the line of the seal.
_LATE_SECONDS: Final = 60
_BREAKERS: Final = {
    OPEN: (gettext_lazy("open"), "is-bad"),
    TRIAL: (gettext_lazy("half open"), "is-wait"),
    CLOSED: (gettext_lazy("closed"), "is-ok"),
}
_ORDER: Final = (OPEN, TRIAL, CLOSED)


@page("operations/", name="operations", capability=Capability.ACCESS_READ)
def operations(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show what runs and what is stuck; asks again by itself unless held still."""
    is_still = request.GET.get("still") == "1"
    return render(
        request,
        "orchestra/operations.html",
        {
            "crumbs": [Crumb(_("Measure")), Crumb(_("Operations"))],
            "title": _("Operations"),
            "is_still": is_still,
            "seconds": SECONDS,
            **_described(visit),
            "poll": "" if is_still else reverse("admin:operations_now"),
        },
    )


@page("operations/now/", name="operations_now", capability=Capability.ACCESS_READ)
def operations_now(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Return how it stands now, for the page that asks again."""
    return fragment(
        request,
        "orchestra/operations_now.html",
        {
            **_described(visit),
            "poll": reverse("admin:operations_now"),
            "seconds": SECONDS,
        },
    )


def _described(visit: Visit) -> dict[str, Any]:
    found = read_running(authority=visit.authority, now=visit.now)
    workers = [_worker(one, visit.now) for one in found.signs]
    connections = [_connection(one) for one in _worst_first(found)]
    troubles = _troubles(found, workers, visit.now)
    return {
        "headline": troubles[0]["title"] if troubles else _("Everything runs"),
        "troubles": troubles,
        "readings": _readings(found, workers, visit.now),
        "queues": [_queue(one, visit.now) for one in found.queues],
        "connections": connections,
        "unknown": [_unknown(one, visit.now) for one in found.unknown[:UNKNOWN_SHOWN]],
        "more_unknown": len(found.unknown) > UNKNOWN_SHOWN,
        "workers": workers,
        "backlog": _backlog(found, visit.now),
        "executions": describe_hours(found.hours),
        "stops": [_stop(one, visit) for one in found.stops[:STOPS_SHOWN]],
        "more_stops": len(found.stops) > STOPS_SHOWN,
        "may_read_stops": visit.may(Capability.TOOL_READ),
        "sending": [_sent(one, visit.now) for one in found.sending],
    }


def _worst_first(found: Running) -> list[AtWork]:
    return sorted(
        found.connections, key=lambda one: (_ORDER.index(one.standing.state), -one.unknown)
    )


def _troubles(found: Running, workers: list[dict[str, Any]], now: datetime) -> list[dict[str, str]]:
    """Return what is wrong, the worst for customers first, each with where to go."""
    told = []
    silent = [one for one in workers if one["is_deaf"]]
    if workers and len(silent) == len(workers):
        told.append(
            (
                _("No worker takes work"),
                _("What is due waits, and runs once a worker is started again."),
                reverse("admin:operations"),
            )
        )
    alone = [one for one in found.connections if one.standing.state == OPEN]
    if alone:
        names = ", ".join(one.connection.title for one in alone)
        held = sum(one.waiting for one in alone)
        told.append(
            (
                ngettext("%(names)s does not answer", "%(names)s do not answer", len(alone))
                % {"names": names},
                ngettext(
                    "%(count)d call waits for it and keeps its approval.",
                    "%(count)d calls wait for it and keep their approvals.",
                    held,
                )
                % {"count": held},
                reverse("admin:connections_at_work"),
            )
        )
    unknown = sum(one.unknown for one in found.connections)
    if unknown:
        told.append(
            (
                ngettext("%(count)d outcome is unknown", "%(count)d outcomes are unknown", unknown)
                % {"count": unknown},
                _("Each was sent and not answered. It is not sent again until a person looks."),
                reverse("admin:unknown_outcomes"),
            )
        )
    if _is_late(found.backlog, now):
        told.append(
            (
                _("The ledger falls behind"),
                _("Entries are recorded and wait for their place under the seal."),
                reverse("admin:ledger_checkpoints"),
            )
        )
    return [{"title": title, "text": text, "link": link} for title, text, link in told]


def _readings(found: Running, workers: list[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    waiting = sum(one.waiting for one in found.connections)
    held = sum(one.waiting for one in found.connections if one.standing.state != CLOSED)
    unknown = sum(one.unknown for one in found.connections)
    awake = sum(not one["is_deaf"] for one in workers)
    failed = sum(one.failed for one in found.sending)
    again = sum(one.again for one in found.sending)
    return [
        {
            "title": _("Workers that take work"),
            "value": _("%(awake)d of %(all)d") % {"awake": awake, "all": len(workers)},
            "text": workers[0]["ago"] if workers else _("none has ever taken any"),
            "is_bad": bool(workers) and not awake,
        },
        {
            "title": _("Executions waiting"),
            "value": waiting,
            "text": _("%(count)d held by a breaker") % {"count": held},
            "is_bad": bool(held),
        },
        {
            "title": _("Unknown outcome"),
            "value": unknown,
            "text": _("need a person") if unknown else _("every outcome is known"),
            "is_bad": bool(unknown),
        },
        {
            "title": _("Ledger backlog"),
            "value": found.backlog.count,
            "text": _ago(found.backlog.oldest_at, now) or _("every entry has its place"),
            "is_bad": _is_late(found.backlog, now),
        },
        {
            "title": _("Checkpoint"),
            "value": words.length(now - found.signed[0]) if found.signed else _("none"),
            "text": _("old, over %(count)s entries") % {"count": number(found.signed[1])}
            if found.signed
            else _("nothing is signed yet"),
            "is_bad": False,
        },
        {
            "title": _("Webhooks given up"),
            "value": failed,
            "text": _("%(count)d tried again") % {"count": again},
            "is_bad": bool(failed),
        },
    ]


def _queue(one: Line, now: datetime) -> dict[str, Any]:
    return {
        "title": one.title,
        "link": f"{reverse('admin:cases')}?queue={one.key}",
        "handoffs": in_short(one.handoffs),
        "oldest": _ago(one.oldest_at, now),
        "approvals": in_short(one.approvals),
        "due_at": one.due_at,
        "taken": one.taken,
        "decided": one.decided,
    }


def _connection(one: AtWork) -> dict[str, Any]:
    state, sign = _BREAKERS[one.standing.state]
    return {
        "title": one.connection.title,
        "link": reverse("admin:connection", args=[one.connection.key]),
        "state": state,
        "sign": sign,
        "failures": one.standing.failures,
        "tried": one.figures.tried,
        "failed": one.figures.failed,
        "waiting": one.waiting,
        "running": one.running,
        "unknown": one.unknown,
        "until": one.standing.until,
    }


def _unknown(call: Any, now: datetime) -> dict[str, Any]:
    return {
        "title": call.tool.title,
        "case": call.case.label,
        "link": reverse("admin:unknown_outcome", args=[call.public_id]),
        "ago": _ago(call.unknown_since, now),
    }


def _worker(one: WorkerSign, now: datetime) -> dict[str, Any]:
    return {
        "name": one.worker,
        "queue": one.queue,
        "ago": _("last took work %(time)s ago") % {"time": words.length(now - one.at)},
        "is_deaf": (now - one.at).total_seconds() > settings.ORCHESTRA["DEAF_SECONDS"],
    }


def _backlog(found: Running, now: datetime) -> list[dict[str, Any]]:
    ready = sum(one.waiting for one in found.connections)
    mail, since = found.mail
    read = found.measured
    return [
        {
            "title": _("Executions due"),
            "count": ready,
            "oldest": "",
            "text": _("%(count)d running") % {"count": sum(o.running for o in found.connections)},
        },
        {
            "title": _("Ledger to place"),
            "count": found.backlog.count,
            "oldest": _ago(found.backlog.oldest_at, now),
            "text": _("alarm at %(count)d s") % {"count": _LATE_SECONDS},
        },
        {"title": _("Mail to send"), "count": mail, "oldest": _ago(since, now), "text": ""},
        {
            "title": _("Measurement"),
            "count": max(0, found.signed[1] - read.next_index) if found.signed and read else 0,
            "oldest": _ago(read.read_at, now) if read else "",
            "text": _("up to entry %(count)s") % {"count": number(read.next_index)}
            if read
            else _("nothing is read yet"),
        },
    ]


def _sent(one: Sending, now: datetime) -> dict[str, Any]:
    return {
        "title": one.title,
        "link": reverse("admin:webhook", args=[one.public_id]),
        "waiting": one.waiting,
        "again": one.again,
        "failed": one.failed,
        "oldest": _ago(one.oldest_at, now),
    }


def _stop(one: Stop, visit: Visit) -> dict[str, Any]:
    return {
        "title": _("Everything") if one.scope == StopScope.EVERYTHING else one.label,
        "kind": words.plain(one.scope),
        "number": one.number,
        "reason": one.reason,
        "by": one.by_label,
        "at": one.at,
        "ago": _ago(one.at, visit.now),
        "is_drill": one.is_drill,
        "is_asked": one.lift_asked_at is not None,
    }


def _ago(at: datetime | None, now: datetime) -> str:
    return words.length(now - at) if at else ""


def _is_late(backlog: Backlog, now: datetime) -> bool:
    oldest = backlog.oldest_at
    return oldest is not None and (now - oldest).total_seconds() > _LATE_SECONDS
