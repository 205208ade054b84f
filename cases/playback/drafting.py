"""What a fold over a case's entries writes into while it runs; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cases.journeys.types import CueSheetSpec
from cases.memory.types import CaseEntry
from cases.playback.types import (
    ERASED,
    ApprovalThen,
    CallThen,
    CaseThen,
    DecisionThen,
    EvidenceThen,
    HandoffThen,
    JourneyThen,
    SaidThen,
    StepThen,
    VerificationThen,
)
from governance.ledger.entries import ACTOR_LABEL

Json = Any


@dataclass(slots=True)
class Draft:
    """A case under construction, entry by entry.

    Attributes:
        plans: Digest of a cue sheet's version to what it says.
        fields: The case's own fields so far.
        steps: Journey to its steps by key, in their order.
        decided: Call to the newest decision on it, also before the call itself is recorded.
    """

    plans: Mapping[str, CueSheetSpec]
    fields: dict[str, Any] = field(default_factory=dict)
    journeys: dict[str, JourneyThen] = field(default_factory=dict)
    steps: dict[str, dict[str, StepThen]] = field(default_factory=dict)
    calls: dict[str, CallThen] = field(default_factory=dict)
    decided: dict[str, str] = field(default_factory=dict)
    decisions: list[DecisionThen] = field(default_factory=list)
    approvals: dict[str, ApprovalThen] = field(default_factory=dict)
    handoffs: dict[str, HandoffThen] = field(default_factory=dict)
    said: list[SaidThen] = field(default_factory=list)
    verifications: list[VerificationThen] = field(default_factory=list)
    evidence: list[EvidenceThen] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)

    def change_call(self, call_id: str, **changes: Any) -> None:
        """Change a call, where it is known."""
        if call_id in self.calls:
            self.calls[call_id] = replace(self.calls[call_id], **changes)

    def change_approval(self, approval_id: str, **changes: Any) -> None:
        """Change an approval, where it is known."""
        if approval_id in self.approvals:
            self.approvals[approval_id] = replace(self.approvals[approval_id], **changes)

    def done(self, last: CaseEntry) -> CaseThen:
        """Return the case as it stands after the last entry."""
        return CaseThen(
            count=last.seq,
            at=last.at,
            journeys=tuple(
                replace(journey, steps=tuple(self.steps.get(key, {}).values()))
                for key, journey in self.journeys.items()
            ),
            calls=tuple(self.calls.values()),
            decisions=tuple(self.decisions),
            approvals=tuple(self.approvals.values()),
            handoffs=tuple(self.handoffs.values()),
            said=tuple(sorted(self.said, key=lambda one: (one.at, one.seq))),
            verifications=tuple(self.verifications),
            evidence=tuple(self.evidence),
            erased=tuple(self.erased),
            **self.fields,
        )


def text_of(entry: CaseEntry, name: str) -> str:
    """Return a text of an entry's payload; ``[erased]`` where it was erased."""
    if entry.payload is None:
        return ERASED
    value = entry.payload.get(name)
    return "" if value is None else str(value)


def value_of(entry: CaseEntry, name: str, default: Json = None) -> Json:
    """Return a value of an entry's payload; the default where it lacks it or was erased."""
    return default if entry.payload is None else entry.payload.get(name, default)


def who_of(entry: CaseEntry) -> str:
    """Return the name of who acted, as it was then."""
    if entry.payload is None:
        return ERASED
    return str(entry.payload.get(ACTOR_LABEL) or entry.actor_id)
