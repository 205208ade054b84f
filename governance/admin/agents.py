"""One AI agent: whose it is, what bounds it, its tokens, and stopping it."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access import agents as rule
from governance.access import selectors as access
from governance.access import services
from governance.access.models import AgentIdentity, ApiCredential, User
from governance.access.running_as import list_agent_versions
from governance.access.services.credentials import scope_of
from governance.access.types import Budget, Capability
from governance.access.use import used_by
from governance.admin import reads
from governance.admin.in_ledger import in_ledger
from governance.admin.visit import Crumb, Visit, as_refusal, attempt, not_here, page, render
from governance.policies.registry import present_catalogue
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError
from orchestra.core.numbers import read_whole

Json = Any

BOUNDS = {
    "calls_per_hour": gettext_lazy("Calls in an hour"),
    "calls_per_day": gettext_lazy("Calls in a day"),
    "writes_per_day": gettext_lazy("Changes in a day"),
}
#: So many of the newest versions are shown.
_VERSIONS = 5
_SCOPES = {
    "all": gettext_lazy("all that AI agents may"),
    "propose": gettext_lazy("read, and propose"),
    "read": gettext_lazy("read only"),
}


@page("agents/<uuid:agent_id>/", name="agent", capability=Capability.ACCESS_READ)
def agent(request: HttpRequest, visit: Visit, agent_id: UUID) -> HttpResponse:
    """Show one AI agent and, to who manages access, every act on it."""
    found = reads.list_agents().filter(public_id=agent_id).first()
    if found is None:
        return not_here(request)
    may_manage = visit.may(Capability.ACCESS_MANAGE)
    is_owner = found.owner_id == visit.actor.pk
    return render(
        request,
        "governance/agent.html",
        {
            "title": found.name,
            "crumbs": [Crumb(_("Agents"), reverse("admin:agents")), Crumb(found.name)],
            "agent": found,
            "queues": [grant.queue.title for grant in found.queue_grants],  # type: ignore[attr-defined]  # prefetched by reads.list_agents
            "bounds": _bounds(found, visit),
            "tokens": [_token(each, visit, may_manage=may_manage) for each in _tokens(found)],
            "may_manage": may_manage,
            "versions": list_agent_versions(agent=found)[:_VERSIONS],
            "may_declare": may_manage or is_owner,
            "is_owner": is_owner,
            "may_start": found.stopped_by_id != visit.actor.pk and not is_owner,
            "people": _people(found) if may_manage and not is_owner else [],
            "scopes": _SCOPES.items(),
            "tools": sorted(present_catalogue().tools or ()) if may_manage else [],
            "history_link": reverse("admin:history", args=["agent", found.pk]),
            "ledger_link": in_ledger(visit, stream=f"agent:{found.public_id}"),
        },
    )


@page(
    "agents/<uuid:agent_id>/acts/<slug:act>/",
    name="agent_act",
    capability=Capability.ACCESS_MANAGE,
    methods=("POST",),
)
def act_on(request: HttpRequest, visit: Visit, agent_id: UUID, act: str) -> HttpResponse:
    """Set bounds, make another person the owner, stop the agent, or start it again."""
    acts: dict[str, tuple[Callable[[HttpRequest, Visit, AgentIdentity], object], str]] = {
        "limit": (_limit, _("Set.")),
        "transfer": (_transfer, _("It has another owner.")),
        "stop": (_stop, _("Stopped. Its tokens ended, and what is ready of it does not start.")),
        "start": (_start, _("Started. It needs a new token.")),
    }
    if act not in acts:
        return not_here(request)
    found = access.get_agent(agent_id)
    do, done = acts[act]
    error = attempt(
        request,
        lambda: do(request, visit, found),
        refusal=as_refusal(f"agent.{act}", agent_id),
    )
    if error is None:
        messages.success(request, f"{found.name}: {done}")
    return HttpResponseRedirect(reverse("admin:agent", args=[agent_id]))


@page("agents/<uuid:agent_id>/version/", name="agent_version", methods=("POST",))
def declare_version(request: HttpRequest, visit: Visit, agent_id: UUID) -> HttpResponse:
    """Say what an agent runs as from now on; its owner may, and who manages access."""
    found = access.get_agent(agent_id)
    error = attempt(
        request,
        lambda: services.declare_version(
            actor=visit.actor,
            now=visit.now,
            agent=found,
            label=request.POST.get("label", ""),
            note=request.POST.get("note", ""),
        ),
        refusal=as_refusal("agent.declare_version", agent_id),
    )
    if error is None:
        messages.success(request, _("Noted. What it does from now on counts for this version."))
    return HttpResponseRedirect(reverse("admin:agent", args=[agent_id]))


def _limit(request: HttpRequest, visit: Visit, found: AgentIdentity) -> AgentIdentity:
    budget = Budget(**{name: read_bound(request, name) for name in BOUNDS})
    return services.limit_agent(
        actor=visit.actor,
        now=visit.now,
        agent=found,
        budget=budget,
        ends_at=_end_of(request.POST.get("ends_on", "")),
        reason=request.POST.get("reason", ""),
    )


def _transfer(request: HttpRequest, visit: Visit, found: AgentIdentity) -> AgentIdentity:
    return services.transfer_agent(
        actor=visit.actor,
        now=visit.now,
        agent=found,
        owner=_person(request.POST.get("owner", "")),
        reason=request.POST.get("reason", ""),
    )


def _stop(request: HttpRequest, visit: Visit, found: AgentIdentity) -> AgentIdentity:
    reason = request.POST.get("reason", "")
    return services.stop_agent(actor=visit.actor, now=visit.now, agent=found, reason=reason)


def _start(request: HttpRequest, visit: Visit, found: AgentIdentity) -> AgentIdentity:
    reason = request.POST.get("reason", "")
    return services.start_agent(actor=visit.actor, now=visit.now, agent=found, reason=reason)


def read_bound(request: HttpRequest, name: str) -> int | None:
    """Return a posted bound, None where the field is empty.

    Raises:
        InvalidInputError: It is no number.
    """
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    number = read_whole(text, most_digits=7)
    if number is None:
        error = FieldError(name, "number", _("Give a whole number, or leave it empty."))
        raise InvalidInputError(_("Nothing was changed."), errors=[error])
    return number


def _end_of(text: str) -> datetime | None:
    """Return the end of a posted day where the person is, None where the field is empty.

    Raises:
        InvalidInputError: It is no day.
    """
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        error = FieldError("ends_on", "date", _("Give a day, or leave it empty."))
        raise InvalidInputError(_("Nothing was changed."), errors=[error]) from None
    return datetime.combine(day, time(23, 59, 59), tzinfo=timezone.get_current_timezone())


def _person(text: str) -> User:
    try:
        found = User.objects.filter(public_id=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFoundError(_("There is no such person."))
    return found


def _people(found: AgentIdentity) -> list[User]:
    rows = User.objects.filter(is_active=True).exclude(pk=found.owner_id)
    return list(rows.order_by("last_name", "first_name", "username"))


def _bounds(found: AgentIdentity, visit: Visit) -> list[Json]:
    budget = found.budget()
    used = used_by(str(found.public_id), visit.now)
    return [
        {
            "name": name,
            "title": title,
            "most": getattr(budget, name),
            "used": used.get(name),
            "is_spent": getattr(budget, name) is not None
            and used.get(name, 0) >= getattr(budget, name),
        }
        for name, title in BOUNDS.items()
    ]


def _tokens(found: AgentIdentity) -> list[ApiCredential]:
    return list(found.credentials.all())


def _token(token: ApiCredential, visit: Visit, *, may_manage: bool) -> Json:
    is_over = token.expires_at <= visit.now
    is_live = token.revoked_at is None and not is_over
    return {
        "prefix": f"orc_{token.prefix}_…",
        "state": "revoked" if token.revoked_at else "expired" if is_over else "active",
        "carries": _carries(token),
        "tools": ", ".join(token.tools) if token.tools is not None else _("every tool"),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "ends_soon": is_live and token.expires_at <= visit.now + rule.WARN_BEFORE,
        "last_used_at": token.last_used_at,
        "rotate_link": reverse("admin:token_rotate", args=[token.public_id])
        if is_live and may_manage
        else "",
        "revoke_link": reverse("admin:token_revoke", args=[token.public_id])
        if is_live and may_manage
        else "",
    }


def _carries(token: ApiCredential) -> str:
    """Return what a token carries: the name of its scope, or how many capabilities."""
    held = scope_of(token).capabilities
    named = next((name for name, carried in rule.NAMED_SCOPES.items() if carried == held), None)
    if named is not None:
        return str(_SCOPES[named])
    return _("%(count)d capabilities") % {"count": len(held or ())}
