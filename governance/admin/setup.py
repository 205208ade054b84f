"""What an administrator looks at first: who can vote, which agents can connect, who has a role."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access import rules
from governance.access.types import QueueGrant
from governance.admin import reads
from governance.admin.visit import Visit

#: How long before its end a token is spoken of.
SOON = timedelta(days=14)


def describe_setup(visit: Visit) -> list[dict[str, Any]]:
    """Return the checks of the set-up, each with what follows from it and where to mend it."""
    agents = list(reads.list_agents())
    return [_voters(), _connected(agents, visit), _tokens(agents, visit), _roles()]


def _voters() -> dict[str, Any]:
    queues = [queue.title for queue in reads.list_all_queues()]
    voted = reads.list_voted_queues(
        roles=[str(role) for role in rules.VOTING_ROLES], grant=QueueGrant.VOTE
    )
    without = [title for title in queues if title not in voted]
    if not queues:
        return _check(ok=False, text=_("There is no queue yet. A pack brings them."), page="access")
    if without:
        text = _("Nobody can vote on the approvals of: %(queues)s.") % {
            "queues": ", ".join(without)
        }
        return _check(ok=False, text=text, page="access")
    return _check(ok=True, text=_("Every queue has people who can vote."), page="access")


def _connected(agents: list[Any], visit: Visit) -> dict[str, Any]:
    without = [
        agent.name
        for agent in agents
        if agent.is_active and not any(_is_live(token, visit) for token in agent.credentials.all())
    ]
    if without:
        text = _("No token, so it cannot connect: %(names)s.") % {"names": ", ".join(without)}
        return _check(ok=False, text=text, page="agents")
    return _check(ok=True, text=_("Every active AI agent has a token."), page="agents")


def _tokens(agents: list[Any], visit: Visit) -> dict[str, Any]:
    ending = sum(
        _is_live(token, visit) and token.expires_at <= visit.now + SOON
        for agent in agents
        for token in agent.credentials.all()
    )
    if ending:
        text = ngettext(
            "%(count)d token ends within %(days)d days.",
            "%(count)d tokens end within %(days)d days.",
            ending,
        ) % {"count": ending, "days": SOON.days}
        return _check(ok=False, text=text, page="agents")
    return _check(ok=True, text=_("No token ends soon."), page="agents")


def _roles() -> dict[str, Any]:
    without = [
        person.label
        for person in reads.list_people()
        if person.is_active and not person.roles_held  # type: ignore[attr-defined]  # prefetched by reads.list_people
    ]
    if without:
        text = _("May sign in, but holds no role: %(names)s.") % {"names": ", ".join(without)}
        return _check(ok=False, text=text, page="access")
    return _check(ok=True, text=_("Everybody who may sign in holds a role."), page="access")


def _is_live(token: Any, visit: Visit) -> bool:
    return token.revoked_at is None and token.expires_at > visit.now


def _check(*, ok: bool, text: str, page: str) -> dict[str, Any]:
    return {"ok": ok, "text": text, "link": reverse(f"admin:{page}")}
