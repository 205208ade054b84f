"""A draft beside the version in force: start, watch, stop, and what it said otherwise."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access.types import Capability
from governance.admin.change_reading import ChangeRead
from governance.admin.rehearsed import describe_course, describe_report
from governance.admin.rehearsed_cases import Look, read_look
from governance.admin.rehearsed_rows import NO_DOCUMENTS, Documents
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from governance.policies import selectors, services
from governance.policies.loading import DOCUMENT_KIND
from governance.policies.models import Rehearsal
from governance.policies.types import RehearsalState, ShadowEnd
from governance.reviews import rules
from governance.reviews.models import ChangeRequest
from governance.reviews.selectors import get_change, kind_of
from orchestra.core.errors import NotFoundError

Json = Any

LENGTHS: Final = (1, 7, 14, 30)
DEFAULT_LENGTH: Final = 7
_WHY: Final = {
    ShadowEnd.TIME: gettext_lazy("It ended at its time."),
    ShadowEnd.STOPPED: gettext_lazy("It was stopped."),
    ShadowEnd.EDITED: gettext_lazy("It ended because the text was edited."),
    ShadowEnd.MOVED: gettext_lazy("It ended because another version came into force."),
    ShadowEnd.CLOSED: gettext_lazy("It ended with the change."),
}
_ACTS: Final[Mapping[str, Callable[..., Rehearsal]]] = {
    "start": services.start_shadow,
    "stop": services.stop_shadow,
}
_ROUTE: Final = "change-requests/<uuid:change_id>/shadow/"


@page(_ROUTE, name="change_shadow", capability=Capability.CHANGE_READ)
def shadow_page(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Show what a draft said of the decisions that it ran beside, and those behind a number."""
    change = get_change(authority=visit.authority, change_id=change_id)
    found = selectors.find_shadow(change=change)
    if found is None:
        raise NotFoundError(_("It never ran beside the version in force."))
    here = reverse("admin:change", args=[change_id])
    return render(
        request,
        "governance/shadow_page.html",
        {
            "title": _("Beside the version in force"),
            "crumbs": [
                Crumb(_("Govern")),
                Crumb(_("Change requests"), reverse("admin:changes")),
                Crumb(change.label, here),
                Crumb(_("Beside the version in force")),
            ],
            "change": change,
            "change_link": here,
            "shadow": _describe(found, read_look(request, visit)),
        },
    )


@page(
    f"{_ROUTE}start/",
    name="change_shadow_start",
    capability=Capability.CHANGE_READ,
    methods=("POST",),
)
def start(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Let the text of a change run beside the version in force."""
    days = request.POST.get("days", "")
    length = int(days) if days in {str(each) for each in LENGTHS} else DEFAULT_LENGTH
    until = visit.now + timedelta(days=length)
    return _done(request, visit, change_id, "start", until=until)


@page(
    f"{_ROUTE}stop/",
    name="change_shadow_stop",
    capability=Capability.CHANGE_READ,
    methods=("POST",),
)
def stop(request: HttpRequest, visit: Visit, change_id: UUID) -> HttpResponse:
    """Stop what runs beside the version in force."""
    return _done(request, visit, change_id, "stop")


def _done(
    request: HttpRequest, visit: Visit, change_id: UUID, name: str, **more: datetime
) -> HttpResponse:
    get_change(authority=visit.authority, change_id=change_id)
    attempt(
        request,
        lambda: _ACTS[name](actor=visit.actor, now=visit.now, change_id=change_id, **more),
        refusal=as_refusal(f"shadow.{name}", change_id),
    )
    return HttpResponseRedirect(reverse("admin:change", args=[change_id]) + "#shadow")


def describe_change_shadow(
    visit: Visit, change: ChangeRequest, read: ChangeRead
) -> dict[str, Any] | None:
    """Return what the page of a change says of its run beside the version in force.

    Args:
        visit: Who looks.
        change: The change; only that of a policy runs beside anything.
        read: What was read beside it.

    Returns:
        None where nothing of it ran, and this person may not start it.
    """
    if change.kind != DOCUMENT_KIND:
        return None
    found = next(iter(read.shadows), None)
    may_draft = (
        visit.may_on(kind_of(change).drafting, kind=change.kind, key=change.document_key)
        and change.state in rules.OPEN
    )
    running = found is not None and not RehearsalState(found.state).is_terminal
    if found is None and not may_draft:
        return None
    link = reverse("admin:change_shadow", args=[change.public_id])
    return {
        "shadow": _describe(found, Look(at=link), known=read.known()) if found else None,
        "link": link,
        "may_stop": may_draft and running,
        "stop_link": reverse("admin:change_shadow_stop", args=[change.public_id]),
        "may_start": may_draft and not running,
        "start_link": reverse("admin:change_shadow_start", args=[change.public_id]),
        "lengths": [
            {
                "days": days,
                "words": ngettext("%(n)d day", "%(n)d days", days) % {"n": days},
                "on": days == DEFAULT_LENGTH,
            }
            for days in LENGTHS
        ],
    }


def _describe(found: Rehearsal, look: Look, *, known: Documents = NO_DOCUMENTS) -> dict[str, Any]:
    shown = describe_course(found)
    report = describe_report(found, found.result or found.tally, look, known=known)
    running = not RehearsalState(found.state).is_terminal
    return {
        **shown,
        **report,
        "too_few": "",
        "title": _("What it said of the same decisions"),
        "until": found.read_at or found.since_at,
        "is_running": running,
        "words": _words(found, report, running=running),
        "ends_at": found.until_at,
        "why": "" if running or not found.ended_by else _WHY[ShadowEnd(found.ended_by)],
    }


def _words(found: Rehearsal, report: dict[str, Any], *, running: bool) -> str:
    tally = found.result or found.tally
    differ = report["sums"]["tight"] + report["sums"]["loose"] + tally["votes"]
    decisions = ngettext(
        "%(count)s decision, %(differ)s would differ",
        "%(count)s decisions, %(differ)s would differ",
        found.done,
    ) % {"count": f"{found.done:,}", "differ": f"{differ:,}"}
    number = found.base.get(found.policy_key, (0, ""))[0]
    if not running:
        return decisions
    if not number:
        return _("Running: %(decisions)s") % {"decisions": decisions}
    return _("Running beside version %(number)s: %(decisions)s") % {
        "number": number,
        "decisions": decisions,
    }
