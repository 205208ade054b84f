"""Connections at work: which systems of record answer, which are left alone, and what to do."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases.tools.at_work import NEWEST, AtWork, list_at_work
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, page, render
from governance.liveness.rules import Standing
from governance.liveness.selectors import reading_standings
from orchestra.core import words
from orchestra.core.breaker import CLOSED, OPEN, TRIAL
from orchestra.core.together import Reading

_STATES: Final = {
    OPEN: (gettext_lazy("left alone"), "is-bad"),
    TRIAL: (gettext_lazy("tried again with the next call"), "is-wait"),
    CLOSED: (gettext_lazy("in use"), "is-ok"),
}
#: The worst first.
_ORDER: Final = (OPEN, TRIAL, CLOSED)


@page("connections-at-work/", name="connections_at_work", capability=Capability.TOOL_READ)
def connections_at_work(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show how every connection does now, the worst first."""
    found = list_at_work(now=visit.now)
    found.sort(key=_badness)
    return render(
        request,
        "cases/at_work.html",
        {
            "title": _("Connections at work"),
            "crumbs": [Crumb(_("Govern")), Crumb(_("Connections at work"))],
            "headline": _headline(found),
            "rows": [_row(one, visit) for one in found],
            "newest": NEWEST,
        },
    )


def describe_left_alone(visit: Visit) -> Reading[dict[str, str] | None]:
    """Come to the start page's line on connections left alone; None for none: one query."""
    found = yield from reading_standings(visit.now)
    alone = {key: one for key, one in found.items() if one.state == OPEN}
    if not alone:
        return None
    return {
        "title": ngettext(
            "%(count)d system of record does not answer and is left alone for a while",
            "%(count)d systems of record do not answer and are left alone for a while",
            len(alone),
        )
        % {"count": len(alone)},
        "text": _(
            "It is %(names)s. Nothing is lost: what is to run there waits, and one call after the "
            "other tries whether it answers again."
        )
        % {"names": ", ".join(words.plain(key) for key in alone)},
    }


def _badness(one: AtWork) -> tuple[int, int, int]:
    return _ORDER.index(one.standing.state), -one.unknown, -one.figures.failed


def _headline(found: list[AtWork]) -> str:
    bad = sum(one.standing.state != CLOSED for one in found)
    if bad:
        return ngettext(
            "%(count)d connection does not work", "%(count)d connections do not work", bad
        ) % {"count": bad}
    if any(one.figures.failed for one in found):
        return _("Every connection is in use, with failures")
    return _("Every connection is in use")


def _row(one: AtWork, visit: Visit) -> dict[str, Any]:
    figures, (state, sign) = one.figures, _STATES[one.standing.state]
    may_settle = one.unknown and visit.may(Capability.CASE_READ)
    return {
        "key": one.connection.key,
        "title": one.connection.title,
        "link": reverse("admin:connection", args=[one.connection.key]),
        "state": state,
        "sign": sign,
        "seen_by": _seen_by(one.standing),
        "failures": _failures(one),
        "is_failing": figures.failed > 0,
        "waiting": one.waiting,
        "running": one.running,
        "unknown": one.unknown,
        "unknown_link": reverse("admin:unknown_outcomes") if may_settle else "",
        "worked_at": figures.worked_at,
        "to_do": _to_do(one),
    }


def _seen_by(standing: Standing) -> str:
    if standing.state == CLOSED:
        return ""
    return ngettext(
        "as %(count)d worker process sees it",
        "as %(count)d worker processes see it",
        standing.processes,
    ) % {"count": standing.processes}


def _failures(one: AtWork) -> str:
    figures = one.figures
    if not figures.tried:
        return _("nothing was tried")
    return _("%(failed)d of %(tried)d (%(share)d %%)") % {
        "failed": figures.failed,
        "tried": figures.tried,
        "share": round(figures.failed_share * 100),
    }


def _to_do(one: AtWork) -> str:
    standing = one.standing
    if standing.state == OPEN and standing.until is not None:
        return _(
            "It gave no answer %(count)d times in a row. It is left alone until %(at)s, then one "
            "call tries it. Look whether the system runs and test the connection; what waits "
            "runs by itself once it answers."
        ) % {"count": standing.failures, "at": words.clock_time(standing.until)}
    if standing.state == TRIAL:
        return _(
            "It gave no answer %(count)d times in a row. The next call tries it again; test the "
            "connection to know sooner whether it answers."
        ) % {"count": standing.failures}
    if one.unknown:
        return _("Look in the system itself and say whether each unknown call happened.")
    if one.figures.failed:
        return _("It is still called. Where failures go on, test the connection.")
    if one.waiting:
        return _("Nothing, unless they wait for long: then look at the stops and the workers.")
    return _("Nothing.")
