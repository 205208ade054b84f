"""Which queues' approvers are tested: asked for by one, agreed to by another, ended by either."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.models import Queue
from governance.access.selectors import get_queue
from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, not_here, page, render
from governance.approvals import services, vigilance
from governance.approvals.models import VigilanceSwitch
from governance.approvals.vigilance_rows import list_switches
from orchestra.core.numbers import read_whole

Json = Any


@page("vigilance/", name="vigilance", capability=Capability.VIGILANCE_SWITCH)
def tests(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every queue and whether its approvers are tested."""
    rows = [_row(queue, switch, visit) for queue, switch in list_switches()]
    return render(
        request,
        "governance/vigilance.html",
        {
            "title": _("Tests of attention"),
            "crumbs": [
                Crumb(_("Approvals"), reverse("admin:approvals")),
                Crumb(_("Tests of attention")),
            ],
            "allowed": settings.ORCHESTRA["VIGILANCE_ALLOWED"],
            "rows": rows,
            "lowest": vigilance.LOWEST,
            "highest": vigilance.HIGHEST,
        },
    )


@page(
    "vigilance/<slug:key>/<slug:act>/",
    name="vigilance_act",
    capability=Capability.VIGILANCE_SWITCH,
    methods=("POST",),
)
def act_on(request: HttpRequest, visit: Visit, key: str, act: str) -> HttpResponse:
    """Ask for tests in a queue, agree to them, or end them."""
    acts: dict[str, tuple[Callable[[Queue], object], str]] = {
        "ask": (lambda queue: _ask(request, visit, queue), _("Asked. Another person agrees.")),
        "agree": (lambda queue: _agree(visit, queue, visit.now), _("Switched on.")),
        "end": (lambda queue: _end(visit, queue, visit.now), _("Switched off.")),
    }
    if act not in acts:
        return not_here(request)
    queue = get_queue(key)
    do, done = acts[act]
    error = attempt(
        request,
        lambda: do(queue),
        refusal=as_refusal(f"vigilance.{act}", queue.public_id),
    )
    if error is None:
        messages.success(request, f"{queue.title}: {done}")
    return HttpResponseRedirect(reverse("admin:vigilance"))


def _ask(request: HttpRequest, visit: Visit, queue: Queue) -> VigilanceSwitch:
    rate = request.POST.get("per_thousand", "")
    return services.ask_vigilance(
        actor=visit.actor,
        now=visit.now,
        queue=queue,
        per_thousand=read_whole(rate, most_digits=4) or 0,
        reason=request.POST.get("reason", ""),
    )


def _agree(visit: Visit, queue: Queue, now: datetime) -> VigilanceSwitch:
    return services.agree_vigilance(actor=visit.actor, now=now, queue=queue)


def _end(visit: Visit, queue: Queue, now: datetime) -> None:
    services.end_vigilance(actor=visit.actor, now=now, queue=queue)


def _row(queue: Queue, switch: VigilanceSwitch | None, visit: Visit) -> Json:
    row: Json = {
        "key": queue.key,
        "title": queue.title,
        "state": "off",
        **{f"{act}_link": _link(queue, act) for act in ("ask", "agree", "end")},
    }
    if switch is None:
        return row
    return {
        **row,
        "state": "on" if switch.agreed_by else "asked",
        "per_thousand": switch.per_thousand,
        "reason": switch.reason,
        "asked_by": switch.asked_by.label,
        "asked_at": switch.asked_at,
        "agreed_by": switch.agreed_by.label if switch.agreed_by else "",
        "agreed_at": switch.agreed_at,
        "is_mine": switch.asked_by_id == visit.actor.pk,
    }


def _link(queue: Queue, act: str) -> str:
    return reverse("admin:vigilance_act", args=[queue.key, act])
