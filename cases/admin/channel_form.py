"""The form of a channel: read from what is posted, shown with what is wrong."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.admin.channel_words import FIELDS, SCHEMES
from cases.channels import services
from cases.channels.models import InboundChannel
from cases.channels.rules import SHIPPED, from_json
from cases.channels.types import Fields, Scheme
from cases.memory.types import Channel, Speaker
from governance.access.models import Queue
from governance.admin.visit import Crumb, render
from orchestra.core.errors import ConflictError, InvalidInputError

Json = Any
_PLAIN = ("key", "title", "channel", "queue", "signature_header", "timestamp_header")


def wanted_of(request: HttpRequest, scheme: Scheme, key: str) -> services.Wanted:
    """Return what a posted form asks for."""
    post = request.POST
    where = post.get("channel", "")
    return services.Wanted(
        key=key.strip(),
        title=post.get("title", "")[:100],
        scheme=scheme,
        channel=Channel(where) if where in set(Channel) else Channel.CHAT,
        queue=post.get("queue", ""),
        fields=_fields(request),
        secret=post.get("secret", ""),
        signature_header=post.get("signature_header", "").strip()[:100],
        timestamp_header=post.get("timestamp_header", "").strip()[:100],
    )


def form(
    request: HttpRequest,
    scheme: Scheme,
    found: InboundChannel | None = None,
    error: InvalidInputError | ConflictError | None = None,
) -> HttpResponse:
    """Return the form, with what was typed where something is wrong."""
    findings = {each.field: each.message for each in error.errors} if error else {}
    typed = _typed(request, found)
    title = found.title if found else _("New channel")
    return render(
        request,
        "cases/channel_form.html",
        {
            "title": title,
            "crumbs": [Crumb(_("Channels"), reverse("admin:channels")), Crumb(title)],
            "found": found,
            "scheme": scheme,
            "scheme_words": SCHEMES[scheme],
            "is_shipped": scheme in SHIPPED,
            "is_header": scheme is Scheme.HEADER,
            "typed": typed,
            "paths": [
                {
                    "name": name,
                    "words": words,
                    "value": typed.get(f"path_{name}", ""),
                    "why": findings.get(name, ""),
                }
                for name, words in FIELDS.items()
            ],
            "channels": [(str(one), _CHANNEL_WORDS[one]()) for one in Channel],
            "queues": Queue.objects.order_by("title"),
            "problem": error.message if error else "",
            "findings": findings,
        },
        status=error.status if error else 200,
    )


_CHANNEL_WORDS = {
    Channel.CHAT: lambda: _("chat"),
    Channel.VOICE: lambda: _("voice"),
    Channel.EMAIL: lambda: _("e-mail"),
    Channel.WEB: lambda: _("web"),
}
_AUTHORS = (Speaker.CUSTOMER, Speaker.AI, Speaker.HUMAN)


def _fields(request: HttpRequest) -> Fields:
    paths = {name: request.POST.get(f"path_{name}", "").strip()[:200] for name in FIELDS}
    authors = {
        value: str(speaker)
        for speaker in _AUTHORS
        for value in _listed(request.POST.get(f"author_{speaker}", ""))
    }
    kinds = _listed(request.POST.get("messages", ""))
    return from_json({**paths, "messages": kinds, "authors": authors})


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text[:1000].split(",") if one.strip())


def _typed(request: HttpRequest, found: InboundChannel | None) -> dict[str, str]:
    if request.method == "POST":
        return {name: value for name, value in request.POST.items() if isinstance(value, str)}
    if found is None:
        return {}
    fields = from_json(found.fields)
    return {
        **{name: str(getattr(found, name) or "") for name in _PLAIN if name != "queue"},
        "queue": found.queue.key if found.queue else "",
        "messages": ", ".join(fields.messages),
        **{f"path_{name}": getattr(fields, name) for name in FIELDS},
        **{
            f"author_{speaker}": ", ".join(
                value for value, named in fields.authors.items() if named == speaker
            )
            for speaker in _AUTHORS
        },
    }
