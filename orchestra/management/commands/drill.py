"""Practises a kill switch on this installation, against its running workers."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cases.journeys.selectors import find_published
from cases.journeys.services import Contact, open_case
from cases.memory.types import Channel
from cases.tools.services import StepContext
from governance.access.models import AgentIdentity, User
from governance.access.rules import may
from governance.access.selectors import authority_of
from governance.access.types import Capability
from governance.switches.rules import WITHIN_SECONDS, drill_passed
from governance.switches.types import StopScope
from orchestra.core import clock
from orchestra.core.actors import Actor
from orchestra.core.errors import NotPermittedError, OrchestraError
from orchestra.management.drill import DrillError, Stream, Wanted, hold_drill

SCOPES = [str(scope) for scope in StopScope]


class Command(BaseCommand):
    """``manage.py drill --by USERNAME``."""

    help = (
        "Stops a tool, an agent, a cue sheet or everything while harmless reads run, measures how "
        "long the workers went on, lifts the stop, and records it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what is stopped, by whom, and what runs meanwhile."""
        parser.add_argument("--by", required=True, help="username of who stops")
        parser.add_argument(
            "--caller", default="", help="who makes the calls, if not who stops; works a queue"
        )
        parser.add_argument("--second", default="", help="for everything: who agrees to the end")
        parser.add_argument("--scope", choices=SCOPES, default=str(StopScope.TOOL))
        parser.add_argument("--agent", default="", help="for an agent: its name; it proposes")
        parser.add_argument("--cue-sheet", default="", help="for a cue sheet: its key")
        parser.add_argument("--tool", default="calculate", help="a read tool that harms nothing")
        parser.add_argument("--argument", default="expression", help="its one text argument")
        parser.add_argument("--wait", type=float, default=30.0, help="seconds to wait for workers")
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold the drill, or say why not."""
        del args
        try:
            stop, drill = hold_drill(wanted=_wanted(options), stream=_stream(options))
        except OrchestraError as error:
            raise CommandError(error.in_full) from error
        except DrillError as error:
            raise CommandError(str(error)) from error
        passed = drill_passed(drill)
        answer = {
            "stop": stop.number,
            "seconds": round(drill.seconds, 3),
            "ran": drill.ran,
            "late": drill.late,
            "refused": drill.refused,
            "held": drill.held,
            "resumed": drill.resumed,
            "passed": passed,
        }
        self.stdout.write(json.dumps(answer) if options["json"] else _line(answer))
        if not passed:
            raise CommandError(f"New work did not end within {WITHIN_SECONDS:.0f} seconds.")


def _line(told: dict[str, Any]) -> str:
    return (
        f"{told['stop']}: new work ended {told['seconds']} s after the stop ({told['ran']} calls "
        f"began before it, {told['late']} after it, {told['refused']} proposals were refused, "
        f"{told['held']} calls were held and {told['resumed']} of them ran once it was lifted). "
        "Recorded in the ledger."
    )


def _wanted(options: dict[str, Any]) -> Wanted:
    scope = StopScope(options["scope"])
    if scope is StopScope.EVERYTHING and not options["second"]:
        raise CommandError("Two people lift a stop of everything: name the other with --second.")
    if scope is StopScope.AGENT and not options["agent"]:
        raise CommandError("Name the agent with --agent.")
    if scope is StopScope.CUE_SHEET and not options["cue_sheet"]:
        raise CommandError("Name the cue sheet by its key with --cue-sheet.")
    keys = {
        StopScope.TOOL: options["tool"],
        StopScope.AGENT: options["agent"],
        StopScope.CUE_SHEET: options["cue_sheet"],
    }
    if options["second"] == options["by"]:
        raise CommandError("Another person agrees to the end: name them with --second.")
    return Wanted(
        scope=scope,
        key=keys.get(scope, ""),
        by=_stopper(options["by"]),
        second=_stopper(options["second"]) if options["second"] else None,
        wait_seconds=options["wait"],
    )


def _stream(options: dict[str, Any]) -> Stream:
    actor = _person(options["caller"] or options["by"])
    if options["scope"] == StopScope.AGENT:
        actor = _agent(options["agent"])
    step = _step(options["cue_sheet"]) if options["scope"] == StopScope.CUE_SHEET else StepContext()
    contact = Contact(channel=Channel.WEB, text="A drill of the kill switch; no customer waits.")
    try:
        opened = open_case(actor=actor, now=clock.now(), contact=contact)
    except NotPermittedError as error:
        raise CommandError(
            f"{actor.label} works no queue, and the calls of the drill are made in one: name "
            "somebody who does with --caller."
        ) from error
    return Stream(
        case=opened.case,
        actor=actor,
        tool=options["tool"],
        argument=options["argument"],
        step=step,
    )


def _step(key: str) -> StepContext:
    """Return the plan of calls under a cue sheet; they belong to it, and to no step of it."""
    version = find_published(key=key)
    if version is None:
        raise CommandError(f"There is no cue sheet {key} in force.")
    return StepContext(
        cue_sheet=version.cue_sheet.key,
        cue_sheet_title=version.cue_sheet.title,
        version=version.number,
        digest=version.digest,
        pattern=version.pattern,
    )


def _stopper(username: str) -> Actor:
    """Return who may stop and lift; asked before anything is stopped that has to be lifted."""
    found = _person(username)
    if not may(authority_of(found), Capability.STOP_USE):
        raise CommandError(
            f"{username} may neither stop nor lift: a supervisor, a compliance officer or an "
            "administrator may."
        )
    return found


def _person(username: str) -> Actor:
    found = User.objects.filter(username=username).first()
    if found is None:
        raise CommandError(f"there is no user {username}")
    return found.as_actor()


def _agent(name: str) -> Actor:
    found = AgentIdentity.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"there is no agent {name}")
    return found.as_actor()
