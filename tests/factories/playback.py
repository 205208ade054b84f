"""Compares a case read out of its record with its rows, and keeps what the rows said when."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.handoff.models import Handoff
from cases.journeys.models import CueSheetVersion, Journey, StepRun
from cases.journeys.selectors import spec_of
from cases.journeys.types import CueSheetSpec
from cases.memory.models import Case, Evidence, Message
from cases.playback.types import CaseThen
from cases.tools.models import ToolAttempt, ToolCall
from governance.approvals.models import ApprovalRequest
from governance.ledger.models import LedgerEntry


def plans() -> dict[str, CueSheetSpec]:
    """Return every version of a cue sheet by its digest."""
    return {version.digest: spec_of(version) for version in CueSheetVersion.objects.all()}


def rows_of(case: Case) -> dict[str, Any]:
    """Return what the rows of a case say now."""
    row = Case.objects.select_related("queue", "customer", "holder").get(pk=case.pk)
    steps = StepRun.objects.filter(journey__case=row).select_related("tool_call")
    return {
        "case": {
            "status": str(row.status),
            "queue": row.queue.key,
            "channel": str(row.channel),
            "subject": row.subject,
            "customer": row.customer.ref if row.customer else "",
            "intent": row.intent,
            "priority": row.priority,
            "flags": sorted(row.risk_flags),
            "verification": str(row.verification),
            "holder": str(row.holder.public_id) if row.holder else "",
            "outcome": row.outcome,
            "outcome_confirmed": row.outcome_confirmed,
        },
        "journeys": {
            str(one.public_id): (str(one.state), one.version.number)
            for one in Journey.objects.filter(case=row).select_related("version")
        },
        "steps": {
            (str(one.journey.public_id), one.key): (
                str(one.state),
                one.tries,
                str(one.tool_call.public_id) if one.tool_call else "",
            )
            for one in steps.select_related("journey")
        },
        "calls": {
            str(one.public_id): (str(one.state), one.refused, one.confirmed, one.attempt)
            for one in ToolCall.objects.filter(case=row)
        },
        "attempts": ToolAttempt.objects.filter(call__case=row).count(),
        "approvals": {
            str(one.public_id): (str(one.state), one.votes.count())
            for one in ApprovalRequest.objects.filter(case_public_id=row.public_id)
        },
        "handoffs": {
            str(one.public_id): str(one.state) for one in Handoff.objects.filter(case=row)
        },
        "messages": [one.text for one in Message.objects.filter(case=row).order_by("pk")],
        "evidence": [one.title for one in Evidence.objects.filter(case=row).order_by("pk")],
    }


def read_of(then: CaseThen) -> dict[str, Any]:
    """Return the same of a case that was read out of its record."""
    return {
        "case": {
            "status": str(then.status),
            "queue": then.queue,
            "channel": then.channel,
            "subject": then.subject,
            "customer": then.customer_ref,
            "intent": then.intent,
            "priority": then.priority,
            "flags": sorted(then.risk_flags),
            "verification": str(then.verification),
            "holder": then.holder,
            "outcome": then.outcome,
            "outcome_confirmed": then.outcome_confirmed,
        },
        "journeys": {one.id: (str(one.state), one.version) for one in then.journeys},
        "steps": {
            (journey.id, step.key): (str(step.state), step.tries, step.call)
            for journey in then.journeys
            for step in journey.steps
        },
        "calls": {
            one.id: (str(one.state), one.refused, one.confirmed, len(one.attempts))
            for one in then.calls
        },
        "attempts": sum(len(one.attempts) for one in then.calls),
        "approvals": {one.id: (str(one.state), len(one.votes)) for one in then.approvals},
        "handoffs": {one.id: str(one.state) for one in then.handoffs},
        "messages": [one.text for one in then.said],
        "evidence": [one.title for one in then.evidence],
    }


@dataclass
class Watched:
    """A clock that keeps what the rows of a case said at every look at it.

    The acts take the time before they begin, so a look falls between two acts.

    Attributes:
        seen: How many entries there were, and what the rows said then.
    """

    inner: Any
    case: Case
    seen: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        """The moment of the last look."""
        moment: datetime = self.inner.at
        return moment

    def __call__(self) -> datetime:
        self.look()
        moment: datetime = self.inner()
        return moment

    def look(self) -> None:
        """Keep what the rows say now."""
        count = LedgerEntry.objects.filter(stream=self.case.stream).count()
        self.seen.append((count, rows_of(self.case)))
