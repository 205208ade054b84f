"""Two installations, the second loaded from the first's export, decide and end alike.

A slice here; 20 retail tasks in ``make prove PROOF=twins``.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from cases.packs.services import BUILTIN, export_pack, load_pack
from cases.tools.adapters import simulated
from cases.tools.adapters.retail.journal import JournaledStore
from cases.tools.models import ToolCall
from orchestra.core import clock
from orchestra.management import world as people
from tests.cases.playback.test_rerun_of_plays import TASKS, play
from tests.flows.conftest import Api, World

COUNT = 20 if os.environ.get("ORCHESTRA_PROOF") == "twins" else 2


def installed(pack: Path, journal: Path) -> tuple[World, dict[str, str]]:
    """Set an installation up from a pack; return its world and what it exports."""
    now = clock.now()
    load_pack(
        actor=people.BUILDER,
        now=now,
        folder=pack,
        overrides={"store.kind": "simulated", "store.journal": str(journal)},
        publish_first=True,
    )
    files = export_pack(name="twin")
    logins = people.ensure_people(now=now)
    agent = people.ensure_agent(now=now, owner=logins["operator"])
    token = people.fresh_token(now=now, agent=agent)
    store = JournaledStore(journal, fsync=False)
    return World(people=dict(logins), api=Api(Client(), token), store=store), files


def outcomes(world: World) -> list[tuple[Any, ...]]:
    """Play the tasks; return the calls with their decisions, and the store's state after each."""
    found: list[tuple[Any, ...]] = []
    for number in range(COUNT):
        case = play(world, number)
        for call in ToolCall.objects.filter(case=case).select_related("tool").order_by("pk"):
            decision = world.api.get(f"tool-calls/{call.public_id}/").json()["decision"]
            said = (decision["outcome"], tuple(decision["reasons"]))
            found.append((number, call.tool.name, call.state, *said))
        found.append((number, world.store.state_hash()))
    world.store.close()
    simulated.forget_stores()
    return found


@pytest.mark.django_db
def test_the_second_does_what_the_first_did(tmp_path: Path, record_property: Any) -> None:
    journal = tmp_path / "store.journal"
    first_installation = transaction.atomic()
    # As in Django's own TestCase: a durable block may stand inside of it.
    first_installation._from_testcase = True  # type: ignore[attr-defined]
    with first_installation:
        first, files = installed(BUILTIN / "retail", journal)
        there = outcomes(first)
        transaction.set_rollback(True)
    for path in tmp_path.glob("store.journal*"):
        path.unlink()
    for name, text in files.items():
        path = tmp_path / "twin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    second, again = installed(tmp_path / "twin", journal)
    assert again == files
    here = outcomes(second)
    assert here == there
    assert {number for number, *_ in here} == set(range(COUNT)) <= set(range(len(TASKS)))
    record_property("tasks", COUNT)
    record_property("calls", sum(len(one) > 2 for one in here))
