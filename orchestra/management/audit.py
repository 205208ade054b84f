"""What must be true after a play: every call is in the ledger, and every decision replays."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.ledger import selectors as ledger
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
        kinds = _kinds_by_subject(case_id)
        for call in tools.list_calls_of(case_public_id=UUID(case_id)):
            calls += 1
            ran = CallState(call.state) in RAN
            executed += ran
            approved += bool(call.approval_id_text)
            missing += _missing(call, kinds, ran=ran)
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


def _kinds_by_subject(case_id: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for entry in ledger.list_stream(stream=f"case:{case_id}"):
        found[entry.subject_id].add(entry.kind)
    return found


def _missing(call: ToolCall, kinds: dict[str, set[str]], *, ran: bool) -> list[str]:
    seen = kinds.get(str(call.public_id), set())
    wanted = {"tool_call.proposed", "decision.recorded"}
    if ran:
        wanted |= {"execution.claimed"}
        wanted |= {
            "tool_call.refused" if call.refused else f"tool_call.{call.state}",
        }
    if call.approval_id_text and ran:
        seen = seen | kinds.get(call.approval_id_text, set())
        wanted |= {"approval.requested", "approval.voted", "approval.granted"}
    return [f"{call.tool.name} {call.public_id}: no {kind}" for kind in sorted(wanted - seen)]
