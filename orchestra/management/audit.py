"""What must be true after a play: every call is in the ledger, and every decision replays."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from cases.reconciliation.rules import check_effect, needs_of_approval, needs_of_call
from cases.reconciliation.selectors import seen_of
from cases.reconciliation.types import Effect
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.approvals.types import ApprovalState
from governance.policies import replay
from governance.policies import selectors as policies

RAN = frozenset({CallState.SUCCEEDED, CallState.FAILED})


@dataclass(frozen=True, slots=True)
class Audit:
    """Findings over the played cases.

    Attributes:
        calls: Tool calls looked at.
        executed: Those that reached the system of record.
        approved: Those that a person approved.
        decisions: Decisions replayed.
        missing: What the ledger lacks, one sentence a finding.
        disagreeing: Decisions that do not replay to the same verdict.
    """

    calls: int
    executed: int
    approved: int
    decisions: int
    missing: tuple[str, ...]
    disagreeing: tuple[str, ...]


def audit_cases(case_ids: Iterable[str]) -> Audit:
    """Check every tool call and decision of some cases.

    Args:
        case_ids: Public ids of the cases.
    """
    missing: list[str] = []
    disagreeing: list[str] = []
    calls = executed = approved = decisions = 0
    for case_id in case_ids:
        rows = list(tools.list_calls_of(case_public_id=UUID(case_id)))
        calls += len(rows)
        executed += sum(CallState(call.state) in RAN for call in rows)
        approved += sum(bool(call.approval_id_text) for call in rows)
        missing += _missing(rows)
        for record in policies.list_records(case=UUID(case_id)):
            decisions += 1
            found = replay.replay(
                body=bytes(record.body), tables=policies.load_record_tables(record)
            )
            if not found.agrees:
                disagreeing.append(f"decision {record.public_id}: {found.difference}")
    return Audit(
        calls=calls,
        executed=executed,
        approved=approved,
        decisions=decisions,
        missing=tuple(missing),
        disagreeing=tuple(disagreeing),
    )


def _missing(calls: Iterable[ToolCall]) -> list[str]:
    """Return which entries the ledger lacks, as the reconciliation counts what is needed."""
    effects = {call: list(_effects_of(call)) for call in calls}
    seen = seen_of([effect.id for each in effects.values() for effect in each])
    return [
        f"{call.tool.name} {call.public_id}: no {finding.wanted}"
        for call, each in effects.items()
        for effect in each
        for finding in check_effect(effect, seen.get(effect.id, ()))
    ]


def _effects_of(call: ToolCall) -> Iterator[Effect]:
    needs = needs_of_call(
        state=call.state,
        refused=call.refused,
        attempts=call.attempt,
        decisions=1,
        confirmed=call.confirmed,
    )
    case_id = str(call.case.public_id)
    yield Effect(kind="tool_call", id=str(call.public_id), case_id=case_id, needs=needs)
    if call.approval_id_text and CallState(call.state) in RAN:
        granted = needs_of_approval(state=ApprovalState.GRANTED, votes=1)
        yield Effect(kind="approval", id=call.approval_id_text, case_id=case_id, needs=granted)
