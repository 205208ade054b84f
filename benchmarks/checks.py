# ruff: noqa: E402  the settings come before anything that reads them
"""Interactions a second that the rules check on one core: as values, and whole, with their rows.

Of what is whole both clocks are told: the processor's, and the one on the wall, which also waits
for the database and for whatever else the machine does; so the load is told beside it.

Makes cases in the database that ``DATABASE_URL`` names and leaves them there: give one that is
migrated, empty, and can be dropped.

    DATABASE_URL=postgres://… python benchmarks/checks.py [--json] [--interactions N]
"""

import argparse
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.test")

import django

django.setup()

from django.db import connection

from benchmarks.common import Figure, figure_of, note, print_lines, print_table
from cases.memory.models import Case, Interaction, Message
from cases.memory.types import Channel
from cases.tools.models import Connection, ToolCall, ToolDefinition
from cases.tools.parsing import parse_tool, tool_digest
from cases.tools.types import CallState
from governance.access.models import Queue
from governance.policies.models import DecisionRecord
from governance.reviews.types import RiskLevel
from orchestra.core.actors import ActorKind, system
from orchestra.core.history import save_as
from qa.findings.gathering import read_units
from qa.findings.models import Finding
from qa.findings.rules import run_checks
from qa.findings.services import run_next
from qa.population.models import SamplingUnit
from qa.population.types import HandledBy, Unit

ROUNDS = 5
WANTED = 200
AT = datetime(2026, 11, 19, 12, tzinfo=UTC)
ACTOR = system("benchmark")
STEP = timedelta(seconds=10)
TOOL = {
    "name": "return_delivered_order_items",
    "title": "Return delivered items",
    "connection": "store",
    "effect": "write",
    "risk": "high",
    "honours_idempotency_key": True,
    "arguments": {"type": "object", "properties": {"order_id": {"type": "string"}}},
}
LINES = (
    ("customer", "Hi, I would like to return the skateboard and the garden hose, #W3792453."),
    ("ai", "I am an AI assistant. Please provide your email address so that I can find you."),
    ("customer", "It is isabella.lopez3271@example.com and my zip code is 85034."),
    ("ai", "Thank you, Isabella. #W3792453 was delivered. The board is $199.64, the hose $72.06."),
    ("customer", "How long will the refund take? I have been waiting for the last one for weeks."),
    ("ai", "Refunds to a credit card arrive within 5 to 7 business days. Shall I go on?"),
    ("customer", "Yes, go ahead please."),
    ("ai", "I have returned both items and refunded $271.70 to your credit card."),
    ("customer", "Great. Could you also update the address of my other order?"),
    ("ai", "The address of your other order has been updated to 710 Sunset Drive."),
    ("customer", "Thanks a lot, that is all."),
    ("ai", "You are welcome. Is there anything else I can help with? Have a nice day."),
)  # fmt: skip
RESULT = {"order_id": "#W3792453", "refund": 271.70, "items": [{"name": "Skateboard"}] * 6}


def store(count: int) -> None:
    """Put so many interactions of twelve messages and two calls on record, each with its unit."""
    queue = Queue(key=f"benchmark-{Queue.objects.count()}", title="Benchmark")
    save_as(queue, actor=ACTOR)
    tool = _tool()
    for number in range(count):
        at = AT + number * timedelta(seconds=1)
        case = Case(
            queue=queue,
            channel=Channel.CHAT,
            opened_by_kind=ActorKind.SYSTEM,
            opened_by_id=ACTOR.id,
            opened_by_label=ACTOR.label,
            opened_at=at,
        )
        save_as(case, actor=ACTOR)
        ended_at = at + STEP * len(LINES)
        talk = Interaction.objects.create(
            case=case, channel=Channel.CHAT, started_at=at, ended_at=ended_at
        )
        Message.objects.bulk_create(_messages(case, talk, at))
        for place in (6, 8):
            _call(case, tool, at + place * STEP + STEP / 4)
        SamplingUnit.objects.create(
            kind=Unit.INTERACTION,
            subject=str(talk.public_id),
            case=case,
            label=case.label,
            started_at=at,
            ended_at=ended_at,
            handled_by=HandledBy.AI,
            risk=RiskLevel.LOW,
            channel=Channel.CHAT,
        )
    # A server in use knows its tables; one that was filled a second ago does not yet.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _messages(case: Case, talk: Interaction, at: datetime) -> list[Message]:
    return [
        Message(
            case=case,
            interaction=talk,
            speaker=speaker,
            author_kind=ActorKind.SYSTEM,
            author_id=ACTOR.id,
            author_label=ACTOR.label,
            text=text,
            at=at + place * STEP,
        )
        for place, (speaker, text) in enumerate(LINES)
    ]


def _tool() -> ToolDefinition:
    spec = parse_tool(document=TOOL)
    found = ToolDefinition.objects.filter(name=spec.name).first()
    if found is not None:
        return found
    store_of = Connection(key="store", title="Store", kind="simulated")
    save_as(store_of, actor=ACTOR)
    row = ToolDefinition(
        name=spec.name,
        title=spec.title,
        connection=store_of,
        effect=spec.effect,
        risk=spec.risk,
        document=TOOL,
        digest=tool_digest(TOOL),
    )
    save_as(row, actor=ACTOR)
    return row


def _call(case: Case, tool: ToolDefinition, at: datetime) -> None:
    name = f"{case.pk}-{at.timestamp()}"
    digest = name.encode().hex().rjust(64, "0")[-64:]
    decision = DecisionRecord.objects.create(
        subject_kind="tool_call",
        subject_id=name,
        stream=case.stream,
        outcome="allow",
        at=at,
        body=b"{}",
        digest="d" * 64,
    )
    ToolCall.objects.create(
        case=case,
        tool=tool,
        tool_digest=tool.digest,
        decision=decision,
        arguments={"order_id": "#W3792453"},
        arguments_bytes=b"{}",
        arguments_digest=digest,
        action_digest=digest,
        effect_key=digest,
        requester_kind=ActorKind.AGENT,
        requester_id="bot",
        requester_label="Bot",
        state=CallState.SUCCEEDED,
        result=RESULT,
        created_at=at,
        settled_at=at + timedelta(seconds=2),
    )


def measure(count: int) -> list[Figure]:
    """Return interactions a second of processor time, as values and whole."""
    units = list(SamplingUnit.objects.select_related("case__customer").order_by("pk")[:100])
    readings = list(read_units(units).values())
    pure = []
    for _round in range(ROUNDS):
        began = time.process_time()
        for reading in readings:
            run_checks(reading)
        pure.append(len(readings) / (time.process_time() - began))
    whole, walls = [], []
    left = count
    while left > 0:
        began, wall = time.process_time(), time.perf_counter()
        ran = run_next(now=AT + timedelta(days=1))
        if not ran.units:
            break
        whole.append(ran.units / (time.process_time() - began))
        walls.append(ran.units / (time.perf_counter() - wall))
        left -= ran.units
    named = {
        "checks, values only": (pure, "a second of processor time"),
        "checks, with rows": (whole, "a second of processor time"),
        "checks, with rows, wall": (walls, "a second"),
    }
    return [
        figure_of(bench=bench, subject="orchestra", unit=unit, samples=samples, more_is_better=True)
        for bench, (samples, unit) in named.items()
    ]


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--interactions", type=int, default=1000)
    options = parser.parse_args()
    store(options.interactions)
    figures = measure(options.interactions)
    print_lines(figures) if options.json else print_table(figures)
    found = Finding.objects.count()
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    note(
        f"{found} findings; {WANTED} interactions a second wanted; load {load} of {os.cpu_count()}"
    )


if __name__ == "__main__":
    main()
