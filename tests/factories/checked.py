"""Interactions with words and calls, as rows that checks read."""

from datetime import timedelta
from itertools import count
from typing import Any

from cases.memory.models import Interaction, Message, Verification
from cases.memory.types import Trust, VerificationLevel
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.types import CallState
from governance.policies.models import DecisionRecord
from orchestra.core.actors import ActorKind
from qa.population.models import SamplingUnit
from tests.factories.cases import FACTORY
from tests.factories.sampled import make_unit

#: One line follows another so much later.
STEP = timedelta(seconds=10)
_numbers = count(1)
_KINDS = {"customer": ActorKind.SYSTEM, "ai": ActorKind.AGENT, "human": ActorKind.HUMAN}


def make_talk(*lines: str, **fields: Any) -> SamplingUnit:
    """Return the unit of a chat of lines such as ``customer: Hello``, ten seconds apart."""
    unit = make_unit(**fields)
    talk = Interaction.objects.get(public_id=unit.subject)
    for number, line in enumerate(lines):
        speaker, _, text = line.partition(": ")
        Message.objects.create(
            case=unit.case,
            interaction=talk,
            speaker=speaker,
            author_kind=_KINDS[speaker],
            author_id=FACTORY.id,
            author_label=speaker,
            text=text,
            at=unit.started_at + number * STEP,
        )
    return unit


def make_verified(unit: SamplingUnit) -> Verification:
    """Say that the customer was known when the talk began."""
    return Verification.objects.create(
        case=unit.case,
        level=VerificationLevel.BASIC,
        method="email on file",
        trust=Trust.TOOL_CONFIRMED,
        by_kind=FACTORY.kind,
        by_id=FACTORY.id,
        by_label=FACTORY.label,
        at=unit.started_at,
    )


def make_done(unit: SamplingUnit, tool: ToolDefinition, after: int, **fields: Any) -> ToolCall:
    """Return a call that an AI agent proposed and that succeeded after a line of the talk."""
    number = next(_numbers)
    at = unit.started_at + after * STEP + STEP / 4
    decision = DecisionRecord.objects.create(
        subject_kind="tool_call",
        subject_id=f"call-{number}",
        stream=unit.case.stream,
        outcome="allow",
        at=at,
        body=b"{}",
        digest="d" * 64,
    )
    values = {
        "tool_digest": tool.digest,
        "arguments": {},
        "arguments_bytes": b"{}",
        "arguments_digest": f"{number:064x}",
        "action_digest": f"{number:064x}",
        "effect_key": f"{number:064x}",
        "requester_kind": ActorKind.AGENT,
        "requester_id": "agent",
        "requester_label": "Orders assistant",
        "state": CallState.SUCCEEDED,
        "created_at": at,
        "settled_at": at + timedelta(seconds=2),
        **fields,
    }
    return ToolCall.objects.create(case=unit.case, tool=tool, decision=decision, **values)
