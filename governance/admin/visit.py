"""What every page of the admin starts from: who is here, what they hold, and what time it is.

A page parses, asks one selector or service, and renders. What a person may not see is not
found; an act that is refused is told in words and stands in the ledger.
"""

import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render as django_render
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access import rules
from governance.access import selectors as access
from governance.access.types import Authority, Capability
from governance.ledger.refusals import Refusal, record_refusal
from orchestra.core import clock
from orchestra.core.actors import Actor
from orchestra.core.admin import Page, frame_of, pages
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
    UpstreamError,
)

_KEPT = "orchestra_visit"
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request by a signed-in person.

    Attributes:
        authority: What the person holds, read once.
        now: The moment the page speaks of.
        kept: What was read for this request and is shown in several places of its page.
    """

    authority: Authority
    now: datetime
    kept: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def actor(self) -> Actor:
        """Who is here."""
        return self.authority.actor

    def may(self, capability: Capability, queue_id: int | None = None) -> bool:
        """Return whether the person may do this, here or at all."""
        return rules.may(self.authority, capability, queue_id)

    def may_on(self, capability: Capability, *, kind: str, key: str = "") -> bool:
        """Return whether the person may do this to one document; without a key, to a new one."""
        return rules.may_on(self.authority, capability, kind, key)


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way to a page; the last has no link."""

    title: str
    link: str = ""


def visit_of(request: HttpRequest) -> Visit:
    """Return the visit of a request, read once.

    Raises:
        NotPermittedError: Nobody is signed in.
    """
    kept: Visit | None = request.__dict__.get(_KEPT)
    if kept is None:
        user = request.user
        if isinstance(user, AnonymousUser):
            raise NotPermittedError(_("Sign in first."))
        (authority,) = access.authorities_of_people([user]).values()
        kept = Visit(authority=authority, now=clock.now())
        request.__dict__[_KEPT] = kept
    return kept


PageView = Callable[..., HttpResponseBase]


def page(
    route: str,
    *,
    name: str,
    capability: Capability | None = None,
    methods: tuple[str, ...] = ("GET", "HEAD"),
) -> Callable[[PageView], PageView]:
    """Make a function a page of the admin.

    Args:
        route: Path below the admin's root.
        name: Name in the ``admin`` namespace.
        capability: What the person needs, on some queue at least; without it the page is
            not found.
        methods: HTTP methods it answers.
    """

    def decorate(view: PageView) -> PageView:
        @wraps(view)
        def guarded(request: HttpRequest, **captured: Any) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            visit = visit_of(request)
            with timezone.override(person_zone(request)):
                if capability is not None and not visit.may(capability):
                    return not_here(request)
                try:
                    return view(request, visit, **captured)
                except (NotFoundError, NotPermittedError):
                    return not_here(request)

        pages.register(name, Page(route=route, name=name, view=guarded))
        return guarded

    return decorate


def person_zone(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """Return the time zone the person reads times in; UTC where theirs is not one."""
    try:
        return zoneinfo.ZoneInfo(getattr(request.user, "time_zone", "UTC"))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """Return a page inside the frame."""
    visit = visit_of(request)
    return django_render(
        request,
        template,
        {
            **frame_of(request),
            "now": visit.now,
            "me": visit.actor.id,
            **context,
        },
        status=status,
    )


def way_to(name: str, key: UUID) -> str:
    """Return the address of the page on one thing, which is looked up once for all things.

    Args:
        name: Name of the page, which takes a public id and nothing else.
        key: The public id.
    """
    before, after = _way(name, get_script_prefix())
    return f"{before}{key}{after}"


@lru_cache(maxsize=256)
def _way(name: str, prefix: str) -> tuple[str, str]:
    """Return what stands before and after the id in an address."""
    del prefix
    before, _id, after = reverse(f"admin:{name}", args=[_NOBODY]).partition(str(_NOBODY))
    return before, after


def fragment(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Return a part of a page, without the frame, for a page that asks again.

    What a page asks by itself is no use of the session, so it keeps none alive.
    """
    visit = visit_of(request)
    request.__dict__["orchestra_live"] = request.method == "GET"
    return django_render(request, template, {"now": visit.now, "me": visit.actor.id, **context})


def not_here(request: HttpRequest) -> HttpResponse:
    """Answer for what does not exist and for what the person may not see, alike."""
    return render(request, "admin/not_here.html", {"title": _("Not found")}, status=404)


def as_refusal(
    act: str, subject: UUID | str = "", *, case: UUID | str = ""
) -> Callable[[OrchestraError], Refusal]:
    """Return how an act that is refused stands in the ledger.

    Args:
        act: Such as ``token.issue``.
        subject: Id of what it was on, as the person named it.
        case: Public id of the case, where the person may see it.
    """
    return lambda error: Refusal(
        act=act,
        code=error.error_code,
        message=error.message,
        case_id=str(case),
        subject_id=str(subject),
    )


def attempt(
    request: HttpRequest, act: Callable[[], object], *, refusal: Callable[[OrchestraError], Refusal]
) -> OrchestraError | None:
    """Do one act; where it is refused, record that, tell the person, and return why.

    Args:
        request: The request, for the message.
        act: Calls one service.
        refusal: Names the act for the ledger, given the error.

    Returns:
        None where the act was done, else the error.
    """
    visit = visit_of(request)
    try:
        act()
    except (NotPermittedError, ConflictError) as error:
        record_refusal(actor=visit.actor, now=visit.now, refusal=refusal(error))
        messages.error(request, error.message)
        return error
    except (InvalidInputError, UpstreamError) as error:
        messages.error(request, error.in_full)
        return error
    return None
