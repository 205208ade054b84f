"""Played retail cases make the same moves again on their recorded tool answers.

A change of an answer that ended a step, or of a rule of the engine where that decides otherwise
in anything the record tells, is noticed and the first move that differs is named. A slice here,
every recorded task in ``make prove PROOF=rerun``.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from django.test import Client

from cases.journeys.engine import plan
from cases.journeys.models import StepRun
from cases.journeys.rerun_world import Rerun, Rules, Verdict
from cases.journeys.types import Command, CommandKind, CueSheetSpec, JourneyNow
from cases.memory.models import Case
from cases.memory.selectors import read_entries
from cases.memory.types import CaseEntry
from cases.tools.adapters.retail.dataset import load_database, load_tasks
from governance.ledger.models import LedgerEntry
from orchestra.management.client import OrchestraClient
from orchestra.management.player import TaskPlayer
from orchestra.management.votes import approve_all, settle_need
from tests.cases.playback.test_services import (
    never_ends,
    run_on,
    says_otherwise,
    waits_for_nothing,
)
from tests.flows.conftest import World, retail
from tests.progress import Progress

__all__ = ["retail"]

IS_PROOF = os.environ.get("ORCHESTRA_PROOF") == "rerun"
TASKS = load_tasks()
#: Other rules of the engine.
ALTERED = (never_ends, waits_for_nothing, says_otherwise)
#: How many of the tasks the suite plays.
SLICE = 3
_BY_JOURNEY = ("step.", "journey.", "handoff.")
#: Why a step is open, open again or proposed for stands in what came before; no entry repeats it.
_GIVES_NO_REASON = frozenset({CommandKind.MAKE_READY, CommandKind.REOPEN_STEP, CommandKind.PROPOSE})


class InProcess(httpx.BaseTransport):
    """The REST API without a network, and a worker that has always just worked."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._client = Client()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._world.work()
        query = {name: text for name, text in request.url.params.items() if name != "wait"}
        answer = self._client.generic(
            request.method,
            request.url.path,
            request.read(),
            content_type="application/json",
            query_params=query,
            headers={
                name.title(): text
                for name, text in request.headers.items()
                if name in {"authorization", "idempotency-key"}
            },
        )
        self._world.work()
        return httpx.Response(answer.status_code, content=answer.content)


def play(world: World, number: int) -> Case:
    """Play one recorded task and return its case."""
    world.store.reset()
    http = httpx.Client(
        transport=InProcess(world),
        base_url="http://testserver/api/v1/",
        headers={"Authorization": f"Bearer {world.api.token}"},
    )
    player = TaskPlayer(
        client=OrchestraClient(http),
        task=TASKS[number],
        database=load_database(),
        external_ref=f"rerun-{number}",
        ask=approve_all,
        settle=settle_need,
        wait=0,
    )
    played = player.play()
    assert played.differences == []
    assert world.store.state_hash() == TASKS[number].hash_after
    return Case.objects.get(public_id=played.case)


def moves_of(case: Case) -> int:
    """Return how many moves of the engine the record of a case holds."""
    rows = LedgerEntry.objects.filter(stream=case.stream).exclude(kind="journey.started")
    return sum(
        kind == "step.off_plan" or (actor == "journey" and kind.startswith(_BY_JOURNEY))
        for kind, actor in rows.values_list("kind", "actor_id")
    )


def altered_answers(case: Case, entries: list[CaseEntry]) -> Counter[str]:
    """Alter every answer that ended a step, one at a time, and see that it is noticed."""
    steps = StepRun.objects.filter(journey__case=case, tool_call__isnull=False, state="done")
    by_answer = {str(one) for one in steps.values_list("tool_call__public_id", flat=True)}
    counts: Counter[str] = Counter()
    for at, entry in enumerate(entries):
        if entry.kind != "tool_call.succeeded" or entry.subject_id not in by_answer:
            continue
        payload = {**(entry.payload or {}), "state": "failed", "reason": "altered", "result": None}
        changed = [*entries]
        changed[at] = replace(entry, kind="tool_call.failed", payload=payload)
        noticed(run_on(changed), after=entry.seq)
        counts["answers"] += 1
    return counts


def told(commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """Return commands as the record tells them."""
    return tuple(
        replace(one, reason="") if one.kind in _GIVES_NO_REASON else one for one in commands
    )


def altered_rules(entries: list[CaseEntry]) -> Counter[str]:
    """Run under other rules; each is noticed just where it decides what is told otherwise."""
    counts: Counter[str] = Counter()
    for rules in ALTERED:
        otherwise = [False]

        def watched(
            now: JourneyNow,
            spec: CueSheetSpec,
            *,
            rules: Rules = rules,
            otherwise: list[bool] = otherwise,
        ) -> tuple[Command, ...]:
            found = rules(now, spec)
            otherwise[0] |= told(found) != told(plan(now, spec))
            return found

        found = run_on(entries, rules=watched)
        if otherwise[0]:
            noticed(found, after=0)
            counts[rules.__name__] += 1
        else:
            assert found.verdict is Verdict.EQUAL, rules.__name__
    return counts


def noticed(found: Rerun, *, after: int) -> None:
    """The first move that differs is named, with the entry where it does."""
    assert found.verdict is Verdict.DIFFERS
    assert found.first is not None
    assert found.first.seq > after
    assert found.first.text


def prove(world: World, number: int) -> Counter[str]:
    """Play one task, run it again as it is and with changes, and return what was counted."""
    case = play(world, number)
    entries = read_entries(case=case)
    found = run_on(entries, rules=plan)
    assert (found.verdict, found.first, found.lacks) == (Verdict.EQUAL, None, ())
    assert found.moves == moves_of(case) > 0
    counts = Counter(cases=1, moves=found.moves)
    return counts + altered_answers(case, entries) + altered_rules(entries)


@pytest.mark.skipif(IS_PROOF, reason="the proof runs every task")
def test_a_slice_of_the_played_cases(retail: World) -> None:
    total: Counter[str] = Counter()
    for number in range(SLICE):
        total += prove(retail, number)
    assert total["cases"] == SLICE
    assert total["answers"] >= SLICE
    assert total["waits_for_nothing"] == SLICE


@pytest.mark.skipif(not IS_PROOF, reason="make prove PROOF=rerun")
def test_every_played_case(retail: World, record_property: Callable[[str, object], None]) -> None:
    progress = Progress("rerun", target=len(TASKS), unit="played cases")
    while (number := progress.next_chunk()) is not None:
        counts = prove(retail, number - 1)
        progress.finish(number, count=1, facts=dict(counts))
    assert progress.is_complete or progress.is_out_of_time
    record_property("cases_wanted", len(TASKS))
    for name in ("cases", "moves", "answers", *(one.__name__ for one in ALTERED)):
        record_property(name, progress.totals[name])
