"""Create AI agents, list them, and revoke their tokens."""

import json
from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Prefetch

from governance.access import services
from governance.access.holding import live
from governance.access.models import AgentIdentity, AgentQueueGrant, ApiCredential, Queue, User
from governance.access.selectors import get_credential, get_queue
from orchestra.core import clock
from orchestra.core.actors import system
from orchestra.core.errors import OrchestraError

ACTOR = system("command")
REASON = "Created with the agents command"


class Command(BaseCommand):
    """``agents create NAME --owner USERNAME --queue KEY``, ``revoke PREFIX``, ``list``."""

    help = "Create AI agents, list them, and revoke their tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the three acts."""
        acts = parser.add_subparsers(dest="act", required=True)
        create = acts.add_parser("create", help="create an agent; prints its token once")
        create.add_argument("name")
        create.add_argument("--owner", required=True, help="username of who answers for it")
        create.add_argument("--acts-for", default="", help="username it acts in the name of")
        create.add_argument("--queue", action="append", default=[], help="key of a queue it works")
        create.add_argument("--reason", default=REASON, help="why it may work these queues")
        create.add_argument("--days", type=int, default=90, help="life of the token")
        revoke = acts.add_parser("revoke", help="revoke a token at once")
        revoke.add_argument("prefix")
        listing = acts.add_parser("list", help="list agents and tokens")
        for each in (create, revoke, listing):
            each.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, **options: Any) -> None:
        """Do one act and say what was done."""
        acts = {"create": self._create, "revoke": self._revoke, "list": self._list}
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
            )
        expires_at = clock.rfc3339(issued.credential.expires_at)
        answer = {
            "agent": str(agent.public_id),
            "name": agent.name,
            "prefix": issued.credential.prefix,
            "token": issued.secret,
            "expires_at": expires_at,
        }
        return answer, (
            f"{_what_it_lacks(agent)}"
            f"created {agent.name}; token, shown only now, valid until {expires_at}:\n"
            f"{issued.secret}"
        )

    def _revoke(self, options: dict[str, Any], now: datetime) -> tuple[Any, str]:
        credential = services.revoke_token(
            actor=ACTOR, now=now, credential=get_credential(options["prefix"])
        )
        answer = {"prefix": credential.prefix, "agent": credential.agent.name}
        return answer, f"revoked {credential.prefix} of {credential.agent.name}"

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
            }
            for one in agent.credentials.all()
        ],
    }


def _state(credential: ApiCredential, now: datetime) -> str:
    if credential.revoked_at is not None:
        return "revoked"
    return "expired" if credential.expires_at <= now else "live"
