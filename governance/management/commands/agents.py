"""Create AI agents, list, bound, stop and start them; rotate and revoke their tokens."""

import json
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Prefetch
from django.urls import reverse

from governance.access import services
from governance.access.agents import NAMED_SCOPES
from governance.access.holding import live
from governance.access.models import AgentIdentity, AgentQueueGrant, ApiCredential, Queue, User
from governance.access.selectors import get_credential, get_queue
from governance.access.types import Budget, Scope
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.errors import OrchestraError

ACTOR = system("command")
REASON = "Created with the agents command"
#: Acts on one agent by its name, each with a reason; the bounds not named are taken away.
_NAMED_ACTS = {
    "stop": "stopped at once",
    "start": "started again; it needs a new token",
    "limit": "bounds set; one that is not named is none",
}
_BOUNDS = ("calls_per_hour", "calls_per_day", "writes_per_day")


class Command(BaseCommand):
    """``agents create NAME --owner USERNAME --queue KEY``, ``revoke PREFIX``, ``list`` and more."""

    help = "Create AI agents, list, bound, stop and start them; rotate and revoke their tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the acts."""
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="create an agent; prints its token once")
        create.add_argument("name")
        create.add_argument("--owner", required=True, help="username of who answers for it")
        create.add_argument("--acts-for", default="", help="username it acts in the name of")
        create.add_argument("--queue", action="append", default=[], help="key of a queue it works")
        create.add_argument("--reason", default=REASON, help="why it may work these queues")
        create.add_argument("--days", type=int, default=90, help="life of the token")
        create.add_argument(
            "--scope", choices=sorted(NAMED_SCOPES), default="all", help="what the token carries"
        )
        create.add_argument(
            "--tool", action="append", default=[], help="a tool it may propose; none for every tool"
        )
        revoke = acts.add_parser("revoke", help="revoke a token at once")
        revoke.add_argument("prefix")
        rotate = acts.add_parser("rotate", help="replace a token; prints the new one once")
        rotate.add_argument("prefix")
        rotate.add_argument("--hours", type=int, default=24, help="how long the old one works on")
        rotate.add_argument("--days", type=int, default=90, help="life of the new token")
        named = [acts.add_parser(act, help=text) for act, text in _NAMED_ACTS.items()]
        for each in named:
            each.add_argument("name")
            each.add_argument("--reason", required=True, help="why; kept in the ledger")
        for bound in _BOUNDS:
            named[-1].add_argument(f"--{bound.replace('_', '-')}", type=int, default=None)
        listing = acts.add_parser("list", help="list agents and tokens")
        for each in (create, revoke, rotate, listing, *named):
            each.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, **options: Any) -> None:
        """Do one act and say what was done."""
        acts = {
            "create": self._create,
            "revoke": self._revoke,
            "rotate": self._rotate,
            "list": self._list,
            **dict.fromkeys(_NAMED_ACTS, self._on_agent),
        }
        try:
            answer, text = acts[options["act"]](options, clock.now())
        except OrchestraError as error:
            details = "".join(f"\n{one.field}: {one.message}" for one in error.errors)
            raise CommandError(f"{error.message}{details}") from error
        self.stdout.write(json.dumps(answer) if options["json"] else text)

    def _create(self, options: dict[str, Any], now: datetime) -> tuple[Any, str]:
        with transaction.atomic():
            agent = services.create_agent(
                actor=ACTOR,
                now=now,
                name=options["name"],
                owner=_get_user(options["owner"]),
                acts_for=_get_user(options["acts_for"]) if options["acts_for"] else None,
                queues=[get_queue(key) for key in options["queue"]],
                reason=options["reason"],
            )
            issued = services.issue_token(
                actor=ACTOR,
                now=now,
                agent=agent,
                expires_at=now + timedelta(days=options["days"]),
                scope=Scope(
                    capabilities=NAMED_SCOPES[options["scope"]],
                    tools=frozenset(options["tool"]) or None,
                ),
            )
        expires_at = clock.rfc3339(issued.credential.expires_at)
        site = str(settings.ORCHESTRA["PUBLIC_URL"]).rstrip("/")
        address = f"{site}{reverse('admin:agent_first_calls', args=[agent.public_id])}"
        answer = {
            "agent": str(agent.public_id),
            "name": agent.name,
            "prefix": issued.credential.prefix,
            "token": issued.secret,
            "expires_at": expires_at,
            "first_calls": address,
        }
        return answer, (
            f"{_what_it_lacks(agent)}"
            f"created {agent.name}; token, shown only now, valid until {expires_at}:\n"
            f"{issued.secret}\n"
            f"next: docs/agents.md leads to its first call; watch it arrive at {address}"
        )

    def _revoke(self, options: dict[str, Any], now: datetime) -> tuple[Any, str]:
        credential = services.revoke_token(
            actor=ACTOR, now=now, credential=get_credential(options["prefix"])
        )
        answer = {"prefix": credential.prefix, "agent": credential.agent.name}
        return answer, f"revoked {credential.prefix} of {credential.agent.name}"

    def _rotate(self, options: dict[str, Any], now: datetime) -> tuple[Any, str]:
        old = get_credential(options["prefix"])
        issued = services.rotate_token(
            actor=ACTOR,
            now=now,
            credential=old,
            expires_at=now + timedelta(days=options["days"]),
            overlap=timedelta(hours=options["hours"]),
        )
        old.refresh_from_db()
        ends_at = clock.rfc3339(old.expires_at)
        answer = {
            "prefix": issued.credential.prefix,
            "token": issued.secret,
            "expires_at": clock.rfc3339(issued.credential.expires_at),
            "replaces": old.prefix,
            "old_ends_at": ends_at,
        }
        return answer, (
            f"replaced {old.prefix} of {old.agent.name}, which works until {ends_at}; "
            f"new token, shown only now:\n{issued.secret}"
        )

    def _on_agent(self, options: dict[str, Any], now: datetime) -> tuple[Any, str]:
        agent = _get_agent(options["name"])
        common: dict[str, Any] = {"actor": ACTOR, "now": now, "reason": options["reason"]}
        if options["act"] == "limit":
            budget = Budget(**{bound: options[bound] for bound in _BOUNDS})
            agent = services.limit_agent(
                agent=agent, budget=budget, ends_at=agent.ends_at, **common
            )
        else:
            act = {"stop": services.stop_agent, "start": services.start_agent}[options["act"]]
            agent = act(agent=agent, **common)
        answer = {"agent": str(agent.public_id), "name": agent.name, "active": agent.is_active}
        return answer, f"{agent.name}: {_NAMED_ACTS[options['act']]}"

    def _list(self, _options: dict[str, Any], now: datetime) -> tuple[Any, str]:
        agents = AgentIdentity.objects.select_related("owner").prefetch_related(
            _held_queues(), "credentials"
        )
        answer = [_describe(agent, now) for agent in agents]
        lines = [
            f"{row['name']}  owner {row['owner']}  queues {', '.join(row['queues']) or 'none'}  "
            + ("  ".join(f"{one['prefix']} {one['state']}" for one in row["tokens"]) or "no token")
            for row in answer
        ]
        return {"agents": answer}, "\n".join(lines) or "no agents"


def _what_it_lacks(agent: AgentIdentity) -> str:
    """Return a line that says which grants its first call will miss, empty if none."""
    first = Queue.objects.filter(is_default=True).first()
    if first is None or agent.agentqueuegrant_set.filter(live(), queue=first).exists():
        return ""
    return (
        f"note: new contacts arrive in the queue {first.key}; without --queue {first.key} this "
        "agent opens no cases\n"
    )


def _held_queues() -> "Prefetch[str]":
    rows = AgentQueueGrant.objects.filter(live()).select_related("queue").order_by("queue__title")
    return Prefetch("agentqueuegrant_set", queryset=rows, to_attr="held_queues")


def _get_user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"there is no user {username}")
    return user


def _get_agent(name: str) -> AgentIdentity:
    agent = AgentIdentity.objects.filter(name=name).first()
    if agent is None:
        raise CommandError(f"there is no agent {name}")
    return agent


def _describe(agent: AgentIdentity, now: datetime) -> dict[str, Any]:
    return {
        "agent": str(agent.public_id),
        "name": agent.name,
        "active": agent.is_active,
        "owner": agent.owner.username,
        "queues": [grant.queue.key for grant in agent.held_queues],  # type: ignore[attr-defined]  # prefetched by _held_queues
        "tokens": [
            {
                "prefix": one.prefix,
                "state": _state(one, now),
                "expires_at": clock.rfc3339(one.expires_at),
                "last_used_at": clock.rfc3339(one.last_used_at) if one.last_used_at else None,
            }
            for one in agent.credentials.all()
        ],
    }


def _state(credential: ApiCredential, now: datetime) -> str:
    if credential.revoked_at is not None:
        return "revoked"
    return "expired" if credential.expires_at <= now else "live"
