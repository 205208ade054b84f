"""Prepares Orchestra for the round trip and counts what one action costs.

Started by ``round_trip.py`` with the environment of the installation to prepare; reads the
items to prepare as JSON and writes the prepared ones, the approver's session and the counts.
"""

# ruff: noqa: E402  Django is set up before its models can be imported

import json
import sys
from dataclasses import replace
from itertools import cycle
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

import httpx
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from benchmarks.counting import Meter, count_actions
from benchmarks.sessions import sign_in
from benchmarks.trips import GovernedTrip, Item, Session
from cases.packs import services as packs
from cases.tasks import execute_tool_call
from cases.tools.models import ToolCall
from cases.tools.services import execute_call
from governance.access import services as access
from governance.access.models import Queue
from orchestra.celery import app
from orchestra.core import clock
from orchestra.management import world
from orchestra.management.client import WAIT_SECONDS, OrchestraClient

#: Only a name: nothing listens there, the application answers in this process.
HERE = "http://127.0.0.1"
#: One for each client; and few enough actions each that no limit an hour is reached, since a
#: limit that is reached between proposal and execution voids what was approved.
LEAST_AGENTS, MOST_ACTIONS = 8, 60
#: What one task writes another reads; after so many turns nothing is left of what was prepared.
SETTLED_AFTER = 2


def prepare_world(store_url: str, actions: int) -> tuple[list[str], Session]:
    """Load the pack, the people and the agents; return the agents' tokens and a session."""
    now = clock.now()
    packs.load_builtin(
        actor=world.BUILDER, now=now, name="retail", overrides={"store.base_url": store_url}
    )
    people = world.ensure_people(now=now)
    queues = list(Queue.objects.all())
    tokens = []
    for number in range(max(LEAST_AGENTS, -(-actions // MOST_ACTIONS))):
        agent = access.create_agent(
            actor=world.BUILDER,
            now=now,
            name=f"Assistant {number}",
            owner=people["operator"],
            queues=queues,
            reason="measured",
        )
        tokens.append(world.fresh_token(now=now, agent=agent))
    return tokens, sign_in(people["supervisor"])


def prepare_item(client: OrchestraClient, item: Item, number: int) -> Item:
    """Open a case, identify its customer, list the details and record the yes."""
    client.http.headers["Authorization"] = f"Bearer {item.token}"
    order = item.arguments["order_id"]
    words = f"Please change the delivery address of my pending order {order}."
    opened = client.open_case(text=words, external_ref=f"bench-{number}")
    client.confirm_need(opened)
    case = opened["id"]
    found = client.propose(case, "find_user_id_by_email", {"email": item.email})
    execute_call(call_id=ToolCall.objects.get(public_id=found["id"]).pk)
    steps = client.steps(case)
    if not any(step["journey"] == "change_address" for step in steps):
        client.post(f"cases/{case}/journeys/", {"cue_sheet": "change_address"})
        steps = client.steps(case)
    for step in steps:
        if step["state"] == "ready" and step["key"] == "agree":
            client.post(f"cases/{case}/steps/{step['id']}/complete/", {})
    details = ", ".join(item.arguments.values())
    listed = client.say(case, "ai", f"I would change the address: {details}. Shall I go ahead?")
    yes = client.say(case, "customer", "Yes, please go ahead.")
    return replace(item, case=case, evidence=(listed, yes))


def settle() -> None:
    """Do what the installation does by itself about what was prepared.

    What is measured is to be an action, not the reading on of the cases it was prepared with.
    """
    app.loader.import_default_modules()
    for _turn in range(SETTLED_AFTER):
        for name in settings.CELERY_BEAT_SCHEDULE:
            app.tasks[name]()


def main() -> None:
    """Prepare, count, tell."""
    call_command("migrate", verbosity=0)
    given = json.load(sys.stdin)
    tokens, session = prepare_world(given["store_url"], len(given["items"]))
    transport = httpx.WSGITransport(app=get_wsgi_application())
    client = OrchestraClient(
        httpx.Client(
            base_url=f"{HERE}/api/v1/",
            timeout=WAIT_SECONDS,
            transport=transport,
        )
    )
    items = [
        prepare_item(client, replace(Item.read(value), token=token), number)
        for number, (value, token) in enumerate(zip(given["items"], cycle(tokens), strict=False))
    ]
    trip = GovernedTrip.open(base_url=HERE, session=session, transport=transport)

    def act(item: Item, meter: Meter) -> None:
        with meter.stretch("propose"):
            trip.propose(item)
        trip.review()
        with meter.stretch("vote"):
            trip.vote()
        pk = ToolCall.objects.get(public_id=trip.call_id).pk
        with meter.stretch("execute"):
            execute_tool_call(pk)
        trip.outcome()

    counted, rest = items[: given["counted"]], items[given["counted"] :]
    counts = count_actions(items=counted, act=act)
    settle()
    json.dump(
        {
            "session": [session.key, session.csrf],
            "items": [item.as_value() for item in rest],
            "counts": counts,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
