"""Plays a scripted customer in the provider's world and says what the case left behind."""

from pathlib import Path

import httpx

from cases.assist import services as assist
from cases.memory.models import Case, Message
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from orchestra.management.client import OrchestraClient
from orchestra.management.scripted import ScriptPlayer, load_scripts
from tests.cases.playback.test_rerun_of_plays import InProcess
from tests.flows.conftest import World

KINDS = Path(__file__).with_name("nine_kinds")


def played(world: World, key: str) -> Case:
    """Play one script to its end and return its case."""
    script = next(one for one in load_scripts() if one.key == key)
    http = httpx.Client(
        transport=InProcess(world),
        base_url="http://testserver/api/v1/",
        headers={"Authorization": f"Bearer {world.api.token}"},
    )
    player = ScriptPlayer(
        client=OrchestraClient(http),
        script=script,
        people=world.people,
        external_ref=f"nine-{key}",
        longest=5.0,
    )
    heard: set[int] = set()
    for _ in player.moves():
        for message in Message.objects.filter(case__public_id=player.case).exclude(pk__in=heard):
            heard.add(message.pk)
            assist.suggest(message_pk=message.pk, now=clock.now())
    assert player.differences == []
    return Case.objects.get(public_id=player.case)


def kinds(case: Case) -> list[str]:
    """Return the kinds of the entries of a case's stream, in order."""
    rows = LedgerEntry.objects.filter(stream=case.stream).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def expected(key: str) -> list[str]:
    """Return the recorded sequence of kinds of a cue sheet's script."""
    return (KINDS / f"{key}.txt").read_text("utf-8").split()
