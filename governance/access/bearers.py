"""Whose token it is, and what an AI agent holds: each read in one query."""

import hmac
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, F, QuerySet, When

from governance.access import rules, types
from governance.access.holding import live
from governance.access.models import AgentIdentity, ApiCredential
from governance.access.tokens import find_prefix, hash_token
from governance.access.types import Authority, Capability, Role
from orchestra.core.actors import Actor
from orchestra.core.prepared import Prepared

_NO_HASH = "0" * 64


def as_uuids(texts: Iterable[str]) -> list[UUID]:
    """Return the ids among some texts; what is no id is left out."""
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _with_grants(agent_id: UUID, *via: UUID) -> QuerySet[Any]:
    agents = AgentIdentity.objects.select_related("owner", "acts_for").filter(public_id=agent_id)
    return by_credential(agents, *via).annotate(
        granted=F("agentqueuegrant__queue_id"),
        holds=Case(When(live("agentqueuegrant"), then=True), default=False),
    )


_AGENT: Prepared[Any] = Prepared(_with_grants)


def agent_authority(actor: Actor) -> Authority:
    """Return what an AI agent holds, by the token that it came with."""
    named = as_uuids([actor.id, *filter(None, [actor.via])])
    if len(named) != 1 + bool(actor.via):
        return Authority(actor=actor, active=False, roles=frozenset())
    rows = _AGENT.rows(*named)
    if not rows:
        return Authority(actor=actor, active=False, roles=frozenset())
    scope = _scope_of(rows[0].scoped_to, rows[0].scoped_tools) if actor.via else types.Scope()
    return _as_agent_authority(rows[0], rows, via=actor.via, scope=scope)


def _as_agent_authority(
    agent: AgentIdentity, rows: Iterable[Any], *, via: str, scope: types.Scope
) -> Authority:
    """Return what an agent holds by the rows of its grants on queues."""
    queues = [row.granted for row in rows if row.granted is not None and row.holds]
    return Authority(
        actor=replace(agent.as_actor(), via=via),
        active=_is_active(agent),
        roles=frozenset({Role.AI_AGENT}),
        queue_grants=dict.fromkeys(queues, rules.AGENT_GRANTS),
        owner=agent.owner.as_actor(),
        acts_for=agent.acts_for.as_actor() if agent.acts_for else None,
        scope=scope,
        budget=agent.budget(),
    )


def by_credential(rows: QuerySet[AgentIdentity], *via: UUID) -> QuerySet[AgentIdentity]:
    """Bring the scope of a credential along; a revoked or unknown one finds no agent at all."""
    if not via:
        return rows
    return rows.filter(
        credentials__public_id__in=via, credentials__revoked_at__isnull=True
    ).annotate(
        scoped_to=F("credentials__capabilities"),
        scoped_tools=F("credentials__tools"),
    )


def _scope_of(capabilities: list[str] | None, tools: list[str] | None) -> types.Scope:
    return types.Scope(
        capabilities=None
        if capabilities is None
        # What is no capability any more carries nothing.
        else frozenset(one for one in Capability if str(one) in capabilities),
        tools=None if tools is None else frozenset(tools),
    )


def _is_active(agent: AgentIdentity) -> bool:
    # Whoever acts for a disabled person would act with rights that person no longer has.
    return agent.is_active and (agent.acts_for is None or agent.acts_for.is_active)


def _with_agent(prefix: str) -> "QuerySet[Any]":
    credentials = ApiCredential.objects.select_related("agent__owner", "agent__acts_for")
    return credentials.filter(prefix=prefix).annotate(
        granted=F("agent__agentqueuegrant__queue_id"),
        holds=Case(When(live("agent__agentqueuegrant"), then=True), default=False),
    )


_CREDENTIAL: Prepared[Any] = Prepared(_with_agent)


def find_bearer(*, token: str, now: datetime) -> tuple[ApiCredential, Authority] | None:
    """Return the live credential that a token text is of, and what its agent holds by it.

    One query. The digests are compared in constant time, and a token with an unknown prefix
    costs the same comparison.
    """
    prefix = find_prefix(token)
    if prefix is None:
        return None
    rows = _CREDENTIAL.rows(prefix)
    credential: ApiCredential | None = rows[0] if rows else None
    stored = credential.token_hash if credential is not None else _NO_HASH
    if not hmac.compare_digest(stored, hash_token(token)) or credential is None:
        return None
    if credential.revoked_at is not None or credential.expires_at <= now:
        return None
    agent = credential.agent
    is_over = agent.ends_at is not None and agent.ends_at <= now
    if is_over or not _is_active(agent):
        return None
    scope = _scope_of(credential.capabilities, credential.tools)
    via = str(credential.public_id)
    return credential, _as_agent_authority(agent, rows, via=via, scope=scope)
