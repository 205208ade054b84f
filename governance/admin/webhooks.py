"""Where events are sent: the endpoints, one endpoint with its deliveries, and the form."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, not_here, page, render
from governance.webhooks import rules, selectors, services
from governance.webhooks.catalogue import GROUPS, error_words, words_of
from governance.webhooks.models import WebhookDelivery, WebhookEndpoint
from governance.webhooks.types import DeliveryState, EndpointState
from orchestra.core.errors import ConflictError, InvalidInputError
from orchestra.core.numbers import read_whole

Json = Any
SHOWN = 100
_FILTERS = {
    "": "all",
    "failed": DeliveryState.FAILED,
    "waiting": DeliveryState.WAITING,
    "delivered": DeliveryState.DELIVERED,
}


@page("webhooks/", name="webhooks", capability=Capability.ACCESS_READ)
def webhooks(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every endpoint, whether what is sent arrives, and what waits."""
    endpoints = list(selectors.list_endpoints(authority=visit.authority))
    standing = selectors.standing_by_endpoint(endpoints)
    return render(
        request,
        "governance/webhooks.html",
        {
            "title": _("Webhooks"),
            "crumbs": [Crumb(_("Set up")), Crumb(_("Webhooks"))],
            "rows": [
                {
                    "endpoint": each,
                    "events": len(each.event_types),
                    "standing": standing[each.pk],
                    "is_active": each.state == EndpointState.ACTIVE,
                    "is_gone": each.state == EndpointState.GONE,
                }
                for each in endpoints
            ],
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
        },
    )


@page(
    "webhooks/new/",
    name="webhook_new",
    capability=Capability.ACCESS_MANAGE,
    methods=("GET", "HEAD", "POST"),
)
def new(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Make an endpoint; its secret is shown once."""
    if request.method != "POST":
        return _form(request, None, services.Wanted("", "", ()))
    wanted = _wanted(request)
    try:
        made = services.create_endpoint(actor=visit.actor, now=visit.now, wanted=wanted)
    except InvalidInputError as error:
        return _form(request, None, wanted, error)
    return shown_once(request, made)


@page("webhooks/<uuid:endpoint_id>/", name="webhook", capability=Capability.ACCESS_READ)
def endpoint_page(request: HttpRequest, visit: Visit, endpoint_id: UUID) -> HttpResponse:
    """Show one endpoint, its secrets' ages, and its deliveries."""
    found = selectors.get_endpoint(authority=visit.authority, endpoint_id=endpoint_id)
    show = request.GET.get("show", "")
    if show not in _FILTERS:
        return not_here(request)
    rows = selectors.list_deliveries(authority=visit.authority, endpoint=found, state=show)
    link = reverse("admin:webhook", args=[endpoint_id])
    return render(
        request,
        "governance/webhook.html",
        {
            "title": found.title,
            "crumbs": [Crumb(_("Webhooks"), reverse("admin:webhooks")), Crumb(found.title)],
            "endpoint": found,
            "is_active": found.state == EndpointState.ACTIVE,
            "is_gone": found.state == EndpointState.GONE,
            "standing": selectors.standing_by_endpoint([found])[found.pk],
            "events": [words_of(code) for code in found.event_types],
            "secrets": selectors.list_secrets(endpoint=found, now=visit.now),
            "rows": [delivery_row(each) for each in rows[:SHOWN]],
            "filters": [
                {
                    "title": words,
                    "link": f"{link}?show={code}" if code else link,
                    "is": code == show,
                }
                for code, words in _filter_words().items()
            ],
            "shown": SHOWN,
            "overlaps": _overlaps(),
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
            "ledger_link": in_ledger(visit, subject=str(found.public_id)),
        },
    )


@page(
    "webhooks/<uuid:endpoint_id>/edit/",
    name="webhook_edit",
    capability=Capability.ACCESS_MANAGE,
    methods=("GET", "HEAD", "POST"),
)
def edit(request: HttpRequest, visit: Visit, endpoint_id: UUID) -> HttpResponse:
    """Change an endpoint; what was typed stays where it is refused."""
    found = selectors.get_endpoint(authority=visit.authority, endpoint_id=endpoint_id)
    if request.method != "POST":
        wanted = services.Wanted(found.title, found.url, tuple(found.event_types))
        return _form(request, found, wanted)
    wanted = _wanted(request)
    try:
        services.save_endpoint(
            actor=visit.actor,
            now=visit.now,
            endpoint_id=endpoint_id,
            wanted=wanted,
            revision=read_whole(request.POST.get("revision", ""), most_digits=9) or 0,
        )
    except (InvalidInputError, ConflictError) as error:
        return _form(request, found, wanted, error)
    return HttpResponseRedirect(reverse("admin:webhook", args=[endpoint_id]))


def shown_once(request: HttpRequest, made: services.Created) -> HttpResponse:
    """Show a new secret, this once."""
    link = reverse("admin:webhook", args=[made.endpoint.public_id])
    return render(
        request,
        "governance/webhook_secret.html",
        {
            "title": _("New secret"),
            "crumbs": [
                Crumb(_("Webhooks"), reverse("admin:webhooks")),
                Crumb(made.endpoint.title, link),
                Crumb(_("New secret")),
            ],
            "endpoint": made.endpoint,
            "secret": made.secret,
        },
    )


def delivery_row(delivery: WebhookDelivery) -> Json:
    """Return one delivery as a list shows it."""
    state = DeliveryState(delivery.state)
    return {
        "delivery": delivery,
        "what": words_of(delivery.type),
        "link": reverse("admin:webhook_delivery", args=[delivery.public_id]),
        "sign": _SIGNS[state],
        "state": _state_words(delivery),
        "why": error_words(delivery.error) if delivery.error else "",
        "is_waiting": state is DeliveryState.WAITING,
        "has_ended": state in {DeliveryState.DELIVERED, DeliveryState.FAILED},
    }


_SIGNS = {
    DeliveryState.WAITING: "is-wait",
    DeliveryState.SENDING: "is-run",
    DeliveryState.DELIVERED: "is-ok",
    DeliveryState.FAILED: "is-bad",
}


def _state_words(delivery: WebhookDelivery) -> str:
    return {
        DeliveryState.WAITING: _("tried again") if delivery.attempts else _("waiting"),
        DeliveryState.SENDING: _("on its way"),
        DeliveryState.DELIVERED: _("arrived"),
        DeliveryState.FAILED: _("given up"),
    }[DeliveryState(delivery.state)]


def _filter_words() -> dict[str, str]:
    return {
        "": _("All"),
        "failed": _("Given up"),
        "waiting": _("Waiting"),
        "delivered": _("Arrived"),
    }


def _overlaps() -> list[tuple[int, str]]:
    words = {
        0: _("old ends at once"),
        1: _("old works 1 hour on"),
        24: _("old works 1 day on"),
        168: _("old works 7 days on"),
    }
    return [(hours, words[hours]) for hours in sorted(rules.OVERLAPS, reverse=True)]


def _wanted(request: HttpRequest) -> services.Wanted:
    return services.Wanted(
        title=request.POST.get("title", ""),
        url=request.POST.get("url", ""),
        event_types=tuple(request.POST.getlist("event_types")),
    )


def _form(
    request: HttpRequest,
    found: WebhookEndpoint | None,
    wanted: services.Wanted,
    error: InvalidInputError | ConflictError | None = None,
) -> HttpResponse:
    title = found.title if found else _("New endpoint")
    return render(
        request,
        "governance/webhook_form.html",
        {
            "title": title,
            "crumbs": [Crumb(_("Webhooks"), reverse("admin:webhooks")), Crumb(title)],
            "endpoint": found,
            "wanted": wanted,
            "groups": [
                {
                    "title": group,
                    "events": [
                        {"code": code, "words": words, "is": code in wanted.event_types}
                        for code, words in events
                    ],
                }
                for group, events in GROUPS
            ],
            "problem": error.message if error else "",
            "findings": {each.field: each.message for each in error.errors} if error else {},
        },
        status=error.status if error else 200,
    )
