"""Every crash point with every fault: nothing doubled, nothing lost, nothing stuck.

Real processes meet the fault; a system of record in a process of its own counts effects.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from django.db import connection

from cases.memory.models import Case
from cases.tools import registry
from cases.tools.adapters.http import HttpAdapter
from cases.tools.models import ToolCall
from cases.tools.services import sweep
from cases.tools.types import CallState, ConnectionKind
from governance.access.models import AgentIdentity, Queue, User
from governance.ledger import services as ledger
from orchestra.core import clock, outbound
from orchestra.core.breaker import Breaker
from tests.cases.tools.conftest import POLICY, publish, wire_approvals
from tests.cases.tools.crash_stage import ROOT, database_url
from tests.factories.access import make_agent, make_person, make_queue, make_supervisor
from tests.factories.tools import make_case, make_connection, make_tool
from tests.progress import Progress

FULL: Final = os.environ.get("ORCHESTRA_PROOF") == "faults"
SEEDS: Final = 20 if FULL else 1
LONGEST_SECONDS: Final = 60
#: What the delay of a worker lasts; whoever takes over acts so much later.
DELAY: Final = timedelta(hours=1)
#: Crash point, the act of the process that passes it, and whether a call waits for a vote.
POINTS: Final = {
    "before-intent-commit": "propose",
    "after-commit-before-doorbell": "propose",
    "after-take-before-claim": "work",
    "after-claim-before-send": "work",
    "during-send": "work",
    "after-effect-before-reply": "work",
    "after-reply-before-outcome-commit": "work",
    "after-commit-before-ack": "work",
    "during-lease-takeover": "sweep",
    "during-vote-commit": "vote",
}
FAULTS: Final = (
    *("kill", "exception", "database", "broker"),
    *("duplicate", "reordering", "delay", "clock"),
)
_NO_MESSAGE = "no message is sent from there on, so the broker is not in use"
_NOTHING_HELD = "no lease is held there that a delay could outlast"
#: What cannot occur, and why. There is no renewal of leases to interrupt: a lease covers the
#: time-outs of its attempt, so the point of the tenth name is its being taken over.
CANNOT: Final = {
    **{
        (point, "broker"): _NO_MESSAGE
        for point in POINTS
        if point not in {"before-intent-commit", "after-commit-before-doorbell"}
        and point not in {"during-lease-takeover", "during-vote-commit"}
    },
    **{
        (point, "delay"): _NOTHING_HELD
        for point in ("before-intent-commit", "after-take-before-claim", "during-vote-commit")
    },
    ("after-commit-before-doorbell", "delay"): _NOTHING_HELD,
    ("after-commit-before-ack", "delay"): _NOTHING_HELD,
    ("before-intent-commit", "clock"): "the moment of the act was read before; nothing reads it",
    ("after-commit-before-doorbell", "clock"): "a doorbell carries no time",
    ("after-commit-before-ack", "clock"): "an acknowledgement carries no time",
    ("during-lease-takeover", "clock"): "the moment of the sweep was read before it",
    ("during-vote-commit", "clock"): "the moment of the act was read before; nothing reads it",
}
COMBINATIONS: Final = [
    (point, fault) for point in POINTS for fault in FAULTS if (point, fault) not in CANNOT
]
#: What the slice runs: every fourth, so chosen that each point and each fault is among them.
SLICE: Final = COMBINATIONS[1::4]
ORDER: Final = {
    "type": "object",
    "properties": {"order_id": {"type": "string"}},
    "required": ["order_id"],
}
READ: Final = {
    "name": "get_order",
    "connection": "store",
    "effect": "read",
    "risk": "low",
    "arguments": ORDER,
    "timeout_seconds": 5,
}
CONFIRM: Final = {
    "tool": "get_order",
    "arguments": {"order_id": "$.order_id"},
    "expect": {"$.status": "cancelled"},
}
#: By seed: systems that honour keys and such that do not, that can be asked back or not.
TOOLS: Final = {
    "honour_and_confirm": {"honours_idempotency_key": True, "confirm": CONFIRM},
    "honour_and_ask_back": {"honours_idempotency_key": True, "lookup": True},
    "ask_back_only": {"lookup": True, "confirm": CONFIRM},
    "neither": {},
}
GATED: Final = {
    "id": "gated",
    "title": "Somebody looks at it",
    "when": [{"fact": "amount_minor", "at_least": 0}],
    "outcome": "approve",
    "obligations": {"votes": 1, "deadline_minutes": 600},
    "reason": "Somebody looks at it.",
}

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


@dataclass
class Stage:
    """The processes, the rows that every run shares, and short ways to act."""

    workers: "subprocess.Popen[str]"
    log: Path
    record_url: str
    queue: Queue
    agent: AgentIdentity
    voter: User

    def order(self, **wanted: Any) -> int:
        """Let a process do something; return how it ended."""
        assert self.workers.stdin is not None
        assert self.workers.stdout is not None
        whole = {"fault": "", "point": "", "agent": self.agent.pk, "voter": self.voter.pk}
        self.workers.stdin.write(json.dumps({**whole, **wanted}) + "\n")
        self.workers.stdin.flush()
        return int(self.workers.stdout.readline())

    def done(self, **wanted: Any) -> None:
        """Let a process do something that meets no fault; say what it said where it failed."""
        ended = self.order(**wanted)
        assert ended == 0, (wanted, ended, self.said())

    def said(self) -> str:
        """Return the end of what the processes wrote of their troubles."""
        return self.log.read_text()[-6000:]

    def counts(self) -> dict[str, dict[str, int]]:
        answer = outbound.send(
            outbound.OutboundRequest(connection="t", method="GET", url=f"{self.record_url}/counts")
        )
        found: dict[str, dict[str, int]] = json.loads(answer.body)
        return found


@pytest.fixture
def stage(tmp_path: Path, fresh_registries: None) -> Iterator[Stage]:
    del fresh_registries
    record = subprocess.Popen(
        [sys.executable, "-m", "tests.cases.tools.fault_record", str(tmp_path / "effects")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert record.stdout is not None
    url = f"http://127.0.0.1:{int(record.stdout.readline())}"
    registry.adapters.register("http", HttpAdapter())
    make_connection("store", kind=ConnectionKind.HTTP, base_url=url)
    wire_approvals()
    make_tool(READ)
    for name, declared in TOOLS.items():
        common = {**READ, "effect": "write", "max_attempts": 5, **declared}
        make_tool({**common, "name": name})
        make_tool({**common, "name": f"gated_{name}"})
    gated = [f"gated_{name}" for name in TOOLS]
    rule = {**GATED, "when": [{"fact": "tool", "in": gated}]}
    publish({**POLICY, "limits": [], "rules": [rule]})
    queue = make_queue()
    workers = subprocess.Popen(
        [sys.executable, "-m", "tests.cases.tools.fault_worker"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "orchestra.settings.test",
            "DATABASE_URL": database_url(),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(tmp_path / "workers.log").open("w"),
        text=True,
    )
    try:
        yield Stage(
            workers=workers,
            log=tmp_path / "workers.log",
            record_url=url,
            queue=queue,
            agent=make_agent("", owner=make_person(""), queues=[queue]),
            voter=make_supervisor(queue, "maren"),
        )
    finally:
        for process in (workers, record):
            process.kill()
            process.wait()


def run_one(stage: Stage, point: str, fault: str, seed: int) -> Counter[str]:
    """Run one fault at one point and say what became of it.

    Returns:
        1 for each of doubled, lost, stuck and unknown, where it is so; and whether it was met.
    """
    act = POINTS[point]
    name = list(TOOLS)[seed % len(TOOLS)]
    tool = f"gated_{name}" if act == "vote" else name
    case = make_case(stage.queue, customer_ref="")
    order, other = f"order-{case.pk}", f"other-{case.pk}"
    wanted = {"case": case.pk, "tool": tool, "order": order, "other": other, "seed": seed}
    stage.done(act="propose", **{**wanted, "order": other, "tool": name})
    _prepare(stage, act, wanted)

    ended = stage.order(act=act, fault=fault, point=point, **wanted)
    if fault == "kill":
        assert ended == -9, (point, fault, seed, ended, stage.said())
    if fault == "broker":
        # What is committed stands; whoever asked is not told of a broker.
        assert ended == 0, (point, fault, seed, stage.said())

    start = clock.now() + (DELAY if fault == "delay" else timedelta(0))
    _recover(stage, act, wanted, start, has_answer=ended == 0)
    return _judge(stage, case, order, other, name)


def _prepare(stage: Stage, act: str, wanted: dict[str, Any]) -> None:
    """Bring a call to where the act finds it."""
    if act != "propose":
        stage.done(act="propose", **wanted)
    if act == "sweep":
        # A worker that dies with the lease, before or after the effect.
        place = "after-effect-before-reply" if wanted["seed"] % 8 >= 4 else "during-send"
        assert stage.order(act="work", fault="kill", point=place, **wanted) == -9
        rows = ToolCall.objects.filter(case_id=wanted["case"], state=CallState.EXECUTING)
        rows.update(lease_until_at=clock.now() - timedelta(seconds=1))


def _recover(
    stage: Stage, act: str, wanted: dict[str, Any], start: datetime, *, has_answer: bool
) -> None:
    """Go on as callers, voters and the scheduler do, for no longer than a call may be stuck."""
    case = Case.objects.get(pk=wanted["case"])
    if act == "propose" and not has_answer:
        # The caller got no answer, so the caller asks again.
        stage.done(act="propose", **wanted)
    waiting = ToolCall.objects.filter(case=case, state=CallState.AWAITING_APPROVAL)
    if act == "vote" and waiting.exists():
        stage.done(act="vote", **wanted)
    for seconds in range(5, LONGEST_SECONDS + 1, 5):
        Breaker.forget_all()
        later = start + timedelta(seconds=seconds)
        sweep(now=later, read_clock=lambda: later)  # noqa: B023  used within the iteration
        if all(CallState(state).is_terminal for state in _states(case)):
            return


def _states(case: Case) -> list[str]:
    return list(ToolCall.objects.filter(case=case).values_list("state", flat=True))


def _judge(stage: Stage, case: Case, order: str, other: str, name: str) -> Counter[str]:
    counts, found = stage.counts(), Counter[str]()
    calls = {call.arguments["order_id"]: call for call in ToolCall.objects.filter(case=case)}
    assert len(calls) == ToolCall.objects.filter(case=case).count() == 2
    for wanted in (order, other):
        call = calls[wanted]
        effects = counts["by_order"].get(wanted, 0)
        assert effects == counts["by_key"].get(call.effect_key, 0)
        found["doubled"] += effects > 1
        if call.state == CallState.UNKNOWN:
            # Only where the system neither honours keys nor shows the effect for sure.
            found["unknown"] += 1
            found["lost"] += name.startswith("honour")
        elif not CallState(call.state).is_terminal:
            found["stuck"] += 1
        else:
            found["lost"] += (call.state, effects) != (CallState.SUCCEEDED, 1)
    return found


def check(stage: Stage, point: str, fault: str, seeds: range) -> Counter[str]:
    """Run a combination on seeds; fail with what was found."""
    total: Counter[str] = Counter()
    for seed in seeds:
        found = run_one(stage, point, fault, seed)
        bad = {kind: found[kind] for kind in ("doubled", "lost", "stuck") if found[kind]}
        states = list(ToolCall.objects.order_by("-pk").values("state", "state_reason")[:2])
        assert not bad, (point, fault, seed, bad, states, stage.said())
        total += found
    return total


def test_every_fault_at_every_point(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    wanted = COMBINATIONS if FULL else SLICE
    possible = [pair for pair in wanted if pair[1] != "database" or connection.vendor != "sqlite"]
    runs = unknown = 0
    if FULL:
        progress = Progress("faults", target=len(possible) * SEEDS, unit="runs")
        while (number := progress.next_chunk()) is not None:
            found = check(stage, *possible[number - 1], range(SEEDS))
            progress.finish(number, count=SEEDS, facts={"unknown": found["unknown"]})
        assert progress.is_complete or progress.is_out_of_time
        runs, unknown = progress.done, progress.totals["unknown"]
    else:
        for number, (point, fault) in enumerate(possible):
            unknown += check(stage, point, fault, range(number % 8, number % 8 + SEEDS))["unknown"]
            runs += SEEDS
    record_property("combinations", len(possible))
    record_property("runs_wanted", len(possible) * SEEDS)
    record_property("runs", runs)
    record_property("unknown", unknown)
    report = ledger.verify(now=clock.now())
    assert report.ok, report.problems


def test_what_cannot_occur_is_said_and_the_rest_is_run() -> None:
    assert len(COMBINATIONS) + len(CANNOT) == len(POINTS) * len(FAULTS)
    assert all(CANNOT.values())
    for run in (COMBINATIONS, SLICE):
        assert {fault for _point, fault in run} == set(FAULTS)
        assert {point for point, _fault in run} == set(POINTS)
