"""Stops an agent, a tool, a cue sheet or everything from the shell, and lifts stops."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.access.models import User
from governance.switches import selectors, services
from governance.switches.models import Stop
from governance.switches.types import StopScope
from orchestra.core import clock
from orchestra.core.actors import Actor, system
from orchestra.core.errors import OrchestraError

ACTOR = system("command")


class Command(BaseCommand):
    """``stop SCOPE [KEY] --reason TEXT``, ``stop lift NUMBER --reason TEXT``, ``stop list``."""

    help = (
        "Stops an agent, a tool, a cue sheet or everything at once: stop tool refund_order "
        '--reason "…". Lists stops, and lifts one by its number: stop lift ST-3 --reason "…".'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the acts."""
        parser.add_argument("what", choices=[*map(str, StopScope), "lift", "list"])
        parser.add_argument("key", nargs="?", default="", help="name, key, or number such as ST-3")
        parser.add_argument("--reason", default="", help="why; kept in the ledger")
        parser.add_argument("--by", default="", help="username of who does it; else the operator")
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, or say why not."""
        del args
        try:
            found = self._do(options)
        except OrchestraError as error:
            raise CommandError(error.in_full) from error
        if options["json"]:
            self.stdout.write(json.dumps({"stops": [_as_json(one) for one in found]}))
            return
        self.stdout.write("\n".join(_line(one) for one in found) or "nothing is stopped")

    def _do(self, options: dict[str, Any]) -> list[Stop]:
        if options["what"] == "list":
            return list(selectors.in_force())
        actor, now, reason = _actor(options["by"]), clock.now(), options["reason"]
        if options["what"] == "lift":
            row = _numbered(options["key"])
            return [services.lift(actor=actor, now=now, stop_id=row.public_id, reason=reason)]
        scope = StopScope(options["what"])
        made = services.stop(actor=actor, now=now, scope=scope, key=options["key"], reason=reason)
        return [made]


def _actor(username: str) -> Actor:
    if not username:
        return ACTOR
    found = User.objects.filter(username=username).first()
    if found is None:
        raise CommandError(f"there is no user {username}")
    return found.as_actor()


def _numbered(number: str) -> Stop:
    found = [one for one in selectors.in_force() if one.number == number.upper()]
    if not found:
        raise CommandError(f"no stop {number} is in force; see manage.py stop list")
    return found[0]


def _line(row: Stop) -> str:
    state = "in force"
    if row.lifted_at is not None:
        state = f"lifted by {row.lifted_by_label}"
    elif row.lift_asked_by_id:
        state = f"in force; {row.lift_asked_by_label} asked to lift it, another person agrees"
    when = clock.rfc3339(row.at)
    return f"{row.number}  {row.scope} {row.label}  since {when} by {row.by_label}  {state}"


def _as_json(row: Stop) -> dict[str, Any]:
    return {
        "number": row.number,
        "id": str(row.public_id),
        "scope": str(row.scope),
        "key": row.key,
        "reason": row.reason,
        "stopped_at": clock.rfc3339(row.at),
        "lifted_at": clock.rfc3339(row.lifted_at) if row.lifted_at else None,
    }
