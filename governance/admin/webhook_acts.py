"""What is done with an endpoint and with one delivery: test, stop, start, rotate, replay."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.types import Capability
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, not_here, page, render
from governance.admin.webhooks import delivery_row, shown_once
from governance.webhooks import selectors, services
from governance.webhooks.catalogue import error_words
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.numbers import read_whole


@page(
    "webhooks/<uuid:endpoint_id>/acts/<slug:act>/",
    name="webhook_act",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def act_on(request: HttpRequest, visit: Visit, endpoint_id: UUID, act: str) -> HttpResponse:
    """Send a test, stop, start, or send again what an endpoint missed."""
    acts: dict[str, Callable[[HttpRequest, Visit, UUID], str]] = {
        "test": _test,
        "stop": _stop,
        "start": _start,
        "replay": _replay_span,
    }
    if act not in acts:
        return not_here(request)
    done: list[str] = []
    error = attempt(
        request,
        lambda: done.append(acts[act](request, visit, endpoint_id)),
        refusal=as_refusal(f"webhook.{act}", endpoint_id),
    )
    if error is None:
        messages.success(request, done[0])
    return HttpResponseRedirect(reverse("admin:webhook", args=[endpoint_id]))


@page(
    "webhooks/<uuid:endpoint_id>/rotate/",
    name="webhook_rotate",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def rotate(request: HttpRequest, visit: Visit, endpoint_id: UUID) -> HttpResponse:
    """Make a new secret and show it, this once."""
    hours = read_whole(request.POST.get("overlap", ""), most_digits=3)
    made: list[services.Created] = []
    error = attempt(
        request,
        lambda: made.append(
            services.rotate_secret(
                actor=visit.actor,
                now=visit.now,
                endpoint_id=endpoint_id,
                overlap_hours=-1 if hours is None else hours,
            )
        ),
        refusal=as_refusal("webhook.rotate", endpoint_id),
    )
    if error is not None:
        return HttpResponseRedirect(reverse("admin:webhook", args=[endpoint_id]))
    return shown_once(request, made[0])


@page(
    "webhooks/deliveries/<uuid:webhook_delivery_id>/",
    name="webhook_delivery",
    capability=Capability.ACCESS_READ,
)
def delivery_page(request: HttpRequest, visit: Visit, webhook_delivery_id: UUID) -> HttpResponse:
    """Show one delivery: what it says, and every attempt at it."""
    found = selectors.get_delivery(authority=visit.authority, delivery_id=webhook_delivery_id)
    row = delivery_row(found)
    link = reverse("admin:webhook", args=[found.endpoint.public_id])
    return render(
        request,
        "governance/webhook_delivery.html",
        {
            "title": row["what"],
            "crumbs": [
                Crumb(_("Webhooks"), reverse("admin:webhooks")),
                Crumb(found.endpoint.title, link),
                Crumb(row["what"]),
            ],
            **row,
            "message_id": services.message_id_of(found),
            "body": services.body_of(found).decode(),
            "attempts": [
                {
                    "at": each.at,
                    "status": each.status,
                    "milliseconds": each.milliseconds,
                    "is_ok": not each.error,
                    "why": error_words(each.error) if each.error else "",
                }
                for each in sorted(found.tried.all(), key=lambda one: one.pk)
            ],
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
        },
    )


@page(
    "webhooks/deliveries/<uuid:webhook_delivery_id>/replay/",
    name="webhook_replay",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def replay(request: HttpRequest, visit: Visit, webhook_delivery_id: UUID) -> HttpResponse:
    """Send one delivery again."""
    error = attempt(
        request,
        lambda: services.replay(actor=visit.actor, now=visit.now, delivery_id=webhook_delivery_id),
        refusal=as_refusal("webhook.replay", webhook_delivery_id),
    )
    if error is None:
        messages.success(request, _("It is on its way again, under the same id."))
    return HttpResponseRedirect(reverse("admin:webhook_delivery", args=[webhook_delivery_id]))


def _test(request: HttpRequest, visit: Visit, endpoint_id: UUID) -> str:
    del request
    services.send_test(actor=visit.actor, now=visit.now, endpoint_id=endpoint_id)
    return _("A test event is on its way; see below whether it arrives.")


def _stop(request: HttpRequest, visit: Visit, endpoint_id: UUID) -> str:
    del request
    services.stop_endpoint(actor=visit.actor, now=visit.now, endpoint_id=endpoint_id)
    return _("Nothing is sent there any more.")


def _start(request: HttpRequest, visit: Visit, endpoint_id: UUID) -> str:
    del request
    services.start_endpoint(actor=visit.actor, now=visit.now, endpoint_id=endpoint_id)
    return _("Events are sent there from now on. Send again below what it missed.")


def _replay_span(request: HttpRequest, visit: Visit, endpoint_id: UUID) -> str:
    count = services.replay_span(
        actor=visit.actor,
        now=visit.now,
        endpoint_id=endpoint_id,
        since=_moment(request, "since"),
        until=_moment(request, "until"),
    )
    told = ngettext("%(count)d event is on its way.", "%(count)d events are on their way.", count)
    return told % {"count": count}


def _moment(request: HttpRequest, name: str) -> datetime:
    """Return a posted moment where the person is.

    Raises:
        InvalidInputError: It is no moment.
    """
    try:
        found = parse_datetime(request.POST.get(name, "").strip())
    except ValueError:
        found = None
    if found is None:
        finding = FieldError(name, "datetime", _("Give a day and a time for each end."))
        raise InvalidInputError(_("Nothing was sent again."), errors=[finding])
    zone = timezone.get_current_timezone()
    return found if found.tzinfo else found.replace(tzinfo=zone)
