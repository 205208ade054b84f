"""Access, readable: who holds which role on which queue, and which AI agents have tokens."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.models import AgentIdentity, ApiCredential, Queue, QueueGroupGrant, User
from governance.access.types import Capability, Role
from governance.admin import reads
from governance.admin.visit import Crumb, Visit, page, render

_GRANTS = {"read_queue": "read", "work_queue": "work", "vote_queue": "vote"}


@page("access/", name="access", capability=Capability.ACCESS_READ)
def access_page(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show people with roles and grants, and queues."""
    people = list(reads.list_people())
    return render(
        request,
        "governance/access.html",
        {
            "title": _("Access"),
            "crumbs": [Crumb(_("Prove")), Crumb(_("Access"))],
            "headline": _headline(people),
            "people": [_person(each) for each in people],
            "queues": [_queue(each) for each in reads.list_all_queues()],
            "role_grants": [_role_grant(each) for each in reads.list_role_grants()],
            "granted_roles": [str(role) for role in Role if role is not Role.AI_AGENT],
            "may_review": visit.may(Capability.ACCESS_REVIEW),
        },
    )


@page("agents/", name="agents", capability=Capability.ACCESS_READ)
def agents(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Show the AI agents, whose they are, where they may work, and their tokens."""
    return render(
        request,
        "governance/agents.html",
        {
            "title": _("Agents"),
            "crumbs": [Crumb(_("Set up")), Crumb(_("Agents"))],
            "agents": [_agent(each, visit) for each in reads.list_agents()],
            "may_manage": visit.may(Capability.ACCESS_MANAGE),
        },
    )


def _headline(people: Iterable[User]) -> str:
    active = sum(person.is_active for person in people)
    return ngettext("%(count)d person may sign in", "%(count)d people may sign in", active) % {
        "count": active
    }


def _person(person: User) -> dict[str, Any]:
    grants: dict[str, list[str]] = {}
    for grant in person.own_grants:  # type: ignore[attr-defined]  # prefetched by reads.list_people
        code = _GRANTS.get(grant.permission.codename, grant.permission.codename)
        grants.setdefault(grant.content_object.title, []).append(code)
    return {
        "label": person.label,
        "link": reverse("admin:person", args=[person.public_id]),
        "login": person.username,
        "active": person.is_active,
        "last_login": person.last_login,
        "roles": [held.group.name for held in person.roles_held],  # type: ignore[attr-defined]  # prefetched by reads.list_people
        "grants": [{"queue": queue, "what": sorted(held)} for queue, held in grants.items()],
    }


def _queue(queue: Queue) -> dict[str, Any]:
    return {
        "title": queue.title,
        "key": queue.key,
        "is_default": queue.is_default,
        "reply": queue.first_reply_minutes,
        "next_roles": queue.next_roles,
        "history_link": reverse("admin:history", args=["queue", queue.pk]),
    }


def _role_grant(grant: QueueGroupGrant) -> dict[str, str]:
    return {
        "queue": grant.content_object.title,
        "role": grant.group.name,
        "link": reverse("admin:role", args=[grant.group.name]),
        "what": _GRANTS.get(grant.permission.codename, grant.permission.codename),
    }


def _agent(agent: AgentIdentity, visit: Visit) -> dict[str, Any]:
    return {
        "id": str(agent.public_id),
        "name": agent.name,
        "active": agent.is_active,
        "owner": agent.owner.label,
        "acts_for": agent.acts_for.label if agent.acts_for else "",
        "queues": [grant.queue.title for grant in agent.queue_grants],  # type: ignore[attr-defined]  # prefetched by reads.list_agents
        "created_at": agent.created_at,
        "history_link": reverse("admin:history", args=["agent", agent.pk]),
        "tokens": [_token(each, visit) for each in agent.credentials.all()],
    }


def _token(token: ApiCredential, visit: Visit) -> dict[str, Any]:
    expired = token.expires_at <= visit.now
    live = token.revoked_at is None and not expired
    return {
        "prefix": f"orc_{token.prefix.removeprefix('orc_')}_…",
        "state": "revoked" if token.revoked_at else "expired" if expired else "active",
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "revoke_link": reverse("admin:token_revoke", args=[token.public_id])
        if live and visit.may(Capability.ACCESS_MANAGE)
        else "",
    }
