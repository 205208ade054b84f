"""The systems that send us contacts: how each does, trying a payload, starting and stopping."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.channel_form import form, wanted_of
from cases.admin.channel_words import ERRORS, IGNORED, SCHEMES, STATES, read_words
from cases.channels import selectors, services
from cases.channels.models import InboundChannel
from cases.channels.rules import SHIPPED
from cases.channels.types import Arrived, ChannelState, Ignored, Scheme
from governance.access.types import Capability
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, not_here, page, render
from orchestra.core.errors import ConflictError, InvalidInputError
from orchestra.core.numbers import read_whole

Json = Any


@page("channels/", name="channels", capability=Capability.ACCESS_READ)
def channels(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show every channel with its last contact and its last error."""
    found = selectors.list_channels(authority=visit.authority)
    return render(
        request,
        "cases/channels.html",
        {
            "title": _("Channels"),
            "crumbs": [Crumb(_("Set up")), Crumb(_("Channels"))],
            "rows": [_row(each) for each in found],
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
        },
    )


@page(
    "channels/prepare/new/",
    name="channel_new",
    capability=Capability.ACCESS_MANAGE,
    methods=("GET", "HEAD", "POST"),
)
def new(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Prepare a channel; it is tried on its page before it takes anything in."""
    scheme = request.POST.get("scheme") or request.GET.get("scheme", "")
    if scheme not in set(Scheme):
        return render(
            request,
            "cases/channel_kinds.html",
            {
                "title": _("New channel"),
                "crumbs": [Crumb(_("Channels"), reverse("admin:channels")), Crumb(_("New"))],
                "kinds": SCHEMES.items(),
            },
        )
    if request.method != "POST":
        return form(request, Scheme(scheme))
    wanted = wanted_of(request, Scheme(scheme), request.POST.get("key", ""))
    try:
        made = services.create_channel(actor=visit.actor, now=visit.now, wanted=wanted)
    except InvalidInputError as error:
        return form(request, Scheme(scheme), error=error)
    return _shown_once(request, made)


@page("channels/<slug:channel_key>/", name="channel", capability=Capability.ACCESS_READ)
def channel_page(request: HttpRequest, visit: Visit, channel_key: str) -> HttpResponse:
    """Show one channel."""
    found = selectors.get_channel(authority=visit.authority, key=channel_key)
    return _show(request, visit, found)


@page(
    "channels/<slug:channel_key>/edit/",
    name="channel_edit",
    capability=Capability.ACCESS_MANAGE,
    methods=("GET", "HEAD", "POST"),
)
def edit(request: HttpRequest, visit: Visit, channel_key: str) -> HttpResponse:
    """Change how a channel is read; what was typed stays where it is refused."""
    found = selectors.get_channel(authority=visit.authority, key=channel_key)
    scheme = Scheme(found.scheme)
    if request.method != "POST":
        return form(request, scheme, found)
    try:
        services.save_channel(
            actor=visit.actor,
            now=visit.now,
            key=channel_key,
            wanted=wanted_of(request, scheme, channel_key),
            revision=read_whole(request.POST.get("revision", ""), most_digits=9) or 0,
        )
    except (InvalidInputError, ConflictError) as error:
        return form(request, scheme, found, error=error)
    messages.success(request, _("Saved. Try a payload, then start it."))
    return HttpResponseRedirect(reverse("admin:channel", args=[channel_key]))


@page(
    "channels/<slug:channel_key>/try/",
    name="channel_try",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def try_one(request: HttpRequest, visit: Visit, channel_key: str) -> HttpResponse:
    """Show what would be read of a pasted payload; nothing of it is kept."""
    found = selectors.get_channel(authority=visit.authority, key=channel_key)
    text = request.POST.get("payload", "")
    try:
        read = services.try_payload(actor=visit.actor, channel=found, text=text)
    except InvalidInputError as error:
        return _show(request, visit, found, pasted=text, problem=error.in_full)
    found = selectors.get_channel(authority=visit.authority, key=channel_key)
    return _show(request, visit, found, pasted=text, read=read)


@page(
    "channels/<slug:channel_key>/secret/",
    name="channel_secret",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def secret(request: HttpRequest, visit: Visit, channel_key: str) -> HttpResponse:
    """Change the secret; one that was made here is shown, this once."""
    made: list[services.Made] = []
    error = attempt(
        request,
        lambda: made.append(
            services.change_secret(
                actor=visit.actor,
                now=visit.now,
                key=channel_key,
                secret=request.POST.get("secret", ""),
            )
        ),
        refusal=as_refusal("channel.secret"),
    )
    if error is not None or not made[0].secret:
        if error is None:
            messages.success(request, _("Changed. The one before works on for a day."))
        return HttpResponseRedirect(reverse("admin:channel", args=[channel_key]))
    return _shown_once(request, made[0])


@page(
    "channels/<slug:channel_key>/acts/<slug:act>/",
    name="channel_act",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def act_on(request: HttpRequest, visit: Visit, channel_key: str, act: str) -> HttpResponse:
    """Let a channel send, or stop it."""
    acts: dict[str, tuple[Callable[..., InboundChannel], str]] = {
        "start": (services.start_channel, _("It may send contacts now.")),
        "stop": (services.stop_channel, _("Nothing is taken in of it any more.")),
    }
    if act not in acts:
        return not_here(request)
    do, done = acts[act]
    error = attempt(
        request,
        lambda: do(actor=visit.actor, now=visit.now, key=channel_key),
        refusal=as_refusal(f"channel.{act}"),
    )
    if error is None:
        messages.success(request, done)
    return HttpResponseRedirect(reverse("admin:channel", args=[channel_key]))


def _show(
    request: HttpRequest,
    visit: Visit,
    found: InboundChannel,
    *,
    pasted: str = "",
    read: Arrived | Ignored | None = None,
    problem: str = "",
) -> HttpResponse:
    is_tried = found.tried_revision == found.revision
    return render(
        request,
        "cases/channel.html",
        {
            "title": found.title,
            "crumbs": [Crumb(_("Channels"), reverse("admin:channels")), Crumb(found.title)],
            **_row(found),
            "address": request.build_absolute_uri(f"/api/v1/channels/{found.key}/"),
            "is_shipped": Scheme(found.scheme) in SHIPPED,
            "fields": read_words(found),
            "is_tried": is_tried,
            "may_start": is_tried and found.state != ChannelState.LIVE,
            "pasted": pasted,
            "read": read if isinstance(read, Arrived) else None,
            "ignored": _why_ignored(read) if isinstance(read, Ignored) else "",
            "problem": problem,
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
            "ledger_link": in_ledger(visit, subject=str(found.public_id)),
        },
        status=422 if problem else 200,
    )


def _why_ignored(read: Ignored) -> str:
    return str(IGNORED.get(read.why, read.why))


def _row(found: InboundChannel) -> Json:
    sign, word = STATES[ChannelState(found.state)]
    return {
        "channel": found,
        "scheme": SCHEMES[Scheme(found.scheme)],
        "sign": sign,
        "state": word,
        "is_live": found.state == ChannelState.LIVE,
        "error": ERRORS.get(found.last_error, found.last_error),
    }


def _shown_once(request: HttpRequest, made: services.Made) -> HttpResponse:
    link = reverse("admin:channel", args=[made.channel.key])
    if not made.secret:
        messages.success(request, _("Prepared. Try a payload, then start it."))
        return HttpResponseRedirect(link)
    return render(
        request,
        "cases/channel_secret.html",
        {
            "title": _("New secret"),
            "crumbs": [
                Crumb(_("Channels"), reverse("admin:channels")),
                Crumb(made.channel.title, link),
                Crumb(_("New secret")),
            ],
            "channel": made.channel,
            "secret": made.secret,
        },
    )
