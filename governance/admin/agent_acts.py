"""Tokens of AI agents: issued and shown once, and revoked."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.access import selectors as access
from governance.access import services
from governance.access.agents import NAMED_SCOPES
from governance.access.models import AgentIdentity
from governance.access.types import Capability, Scope
from governance.admin import reads
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, page, render
from orchestra.core.numbers import read_whole

TOKEN_DAYS = 90
#: Hours an old token may be let work on beside its successor.
OVERLAPS = ("0", "24", "168")


@page(
    "agents/<uuid:agent_id>/token/",
    name="token_issue",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def issue(request: HttpRequest, visit: Visit, agent_id: UUID) -> HttpResponse:
    """Issue a token and show its secret, this once."""
    agent = access.get_agent(agent_id)
    issued: list[services.IssuedToken] = []
    error = attempt(
        request,
        lambda: issued.append(
            services.issue_token(
                actor=visit.actor,
                now=visit.now,
                agent=agent,
                expires_at=visit.now + timedelta(days=_days(request)),
                scope=_scope(request),
            )
        ),
        refusal=as_refusal("token.issue", agent_id),
    )
    if error is not None:
        return HttpResponseRedirect(reverse("admin:agents"))
    return show_once(request, agent, issued[0])


@page(
    "agents/tokens/<uuid:token_id>/rotate/",
    name="token_rotate",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def rotate(request: HttpRequest, visit: Visit, token_id: UUID) -> HttpResponse:
    """Replace a token; the old one works on for the hours chosen, the new one is shown once."""
    token = reads.get_token(token_id=token_id)
    hours = request.POST.get("overlap", "")
    issued: list[services.IssuedToken] = []
    error = attempt(
        request,
        lambda: issued.append(
            services.rotate_token(
                actor=visit.actor,
                now=visit.now,
                credential=token,
                expires_at=visit.now + timedelta(days=TOKEN_DAYS),
                overlap=timedelta(hours=int(hours) if hours in OVERLAPS else -1),
            )
        ),
        refusal=as_refusal("token.rotate", token_id),
    )
    if error is not None:
        return HttpResponseRedirect(reverse("admin:agent", args=[token.agent.public_id]))
    return show_once(request, token.agent, issued[0])


def _days(request: HttpRequest) -> int:
    text = request.POST.get("days", str(TOKEN_DAYS))
    return read_whole(text, most_digits=3) or 0


def _scope(request: HttpRequest) -> Scope:
    named = request.POST.get("scope", "all")
    return Scope(
        # What is no scope carries nothing, and is refused.
        capabilities=NAMED_SCOPES.get(named, frozenset()),
        tools=frozenset(request.POST.getlist("tools")) or None,
    )


def show_once(
    request: HttpRequest, agent: AgentIdentity, issued: services.IssuedToken
) -> HttpResponse:
    """Show a new token, this once."""
    return render(
        request,
        "governance/token.html",
        {
            "title": _("New token"),
            "crumbs": [Crumb(_("Agents"), reverse("admin:agents")), Crumb(_("New token"))],
            "agent": agent,
            "secret": issued.secret,
            "credential": issued.credential,
        },
    )


@page(
    "agents/tokens/<uuid:token_id>/revoke/",
    name="token_revoke",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def revoke(request: HttpRequest, visit: Visit, token_id: UUID) -> HttpResponse:
    """Revoke a token; it stops working at once."""
    token = reads.get_token(token_id=token_id)
    error = attempt(
        request,
        lambda: services.revoke_token(actor=visit.actor, now=visit.now, credential=token),
        refusal=as_refusal("token.revoke", token_id),
    )
    if error is None:
        messages.success(request, _("Revoked. It stopped working at once."))
    return HttpResponseRedirect(reverse("admin:agents"))
