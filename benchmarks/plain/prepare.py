"""Prepares the hand-written comparison and counts what one action costs it.

Started by ``round_trip.py`` with the environment to prepare; reads the items as JSON and
writes the prepared ones, the approver's session and the counts.
"""

# ruff: noqa: E402  Django is set up before its models can be imported

import json
import sys
from dataclasses import replace

import django

django.setup()

import httpx
from django.contrib.auth.models import User
from django.core.management import call_command
from rest_framework.authtoken.models import Token

from benchmarks.counting import Meter, count_actions
from benchmarks.plain.models import Case
from benchmarks.plain.tasks import execute
from benchmarks.plain.wsgi import application
from benchmarks.sessions import sign_in
from benchmarks.trips import Item, PlainTrip, Session

#: Only a name: nothing listens there, the application answers in this process.
HERE = "http://127.0.0.1"


def prepare_people() -> tuple[str, Session]:
    """Make the agent and the person; return the agent's token and the person's session."""
    agent = User.objects.create_user("agent")
    token = Token.objects.create(user=agent)
    return token.key, sign_in(User.objects.create_user("supervisor"))


def prepare_item(item: Item, token: str) -> Item:
    """Open a case for an item."""
    order = item.arguments["order_id"]
    case = Case.objects.create(customer=item.customer, text=f"Change the address of {order}.")
    return replace(item, token=token, case=str(case.pk))


def main() -> None:
    """Prepare, count, tell."""
    # Its own tables have no migrations and refer to those that have.
    call_command("migrate", verbosity=0)
    call_command("migrate", run_syncdb=True, verbosity=0)
    given = json.load(sys.stdin)
    token, session = prepare_people()
    items = [prepare_item(Item.read(value), token) for value in given["items"]]
    transport = httpx.WSGITransport(app=application)
    trip = PlainTrip.open(base_url=HERE, session=session, transport=transport)

    def act(item: Item, meter: Meter) -> None:
        with meter.stretch("propose"):
            trip.propose(item)
        trip.review()
        with meter.stretch("vote"):
            trip.vote()
        with meter.stretch("execute"):
            execute(trip.call_id)
        trip.outcome()

    counted, rest = items[: given["counted"]], items[given["counted"] :]
    counts = count_actions(items=counted, act=act)
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
