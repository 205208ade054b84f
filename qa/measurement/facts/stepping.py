"""Executions of steps and what went wrong with them, as the ledger goes on; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from cases.journeys import entries as journeys
from cases.tools import entries as tools
from qa.measurement.facts.types import Told
from qa.measurement.rows import OwnerKind, StepExecution
from qa.measurement.types import ExceptionKind

_AI: Final = "ai"

#: What the end of a call is as an exception; a time-out is told by its code.
_OF_CALL: Final[Mapping[str, ExceptionKind]] = {
    tools.FAILED: ExceptionKind.TOOL_ERROR,
    tools.ATTEMPT_FAILED: ExceptionKind.TOOL_ERROR,
    tools.UNKNOWN: ExceptionKind.TOOL_TIMEOUT,
    tools.REFUSED: ExceptionKind.TOOL_ERROR,
    tools.DENIED: ExceptionKind.POLICY_CHECK_FAILED,
    tools.REJECTED: ExceptionKind.APPROVAL_REJECTED,
    tools.EXPIRED: ExceptionKind.APPROVAL_EXPIRED,
    tools.EDITED: ExceptionKind.MANUAL_OVERRIDE,
    journeys.VERIFICATION_REFUSED: ExceptionKind.VERIFICATION_FAILED,
}
_OF_HANDOFF: Final = {
    "low_confidence": ExceptionKind.LOW_CONFIDENCE,
    "missing_information": ExceptionKind.MISSING_INPUT,
}
_OF_CODE: Final = (
    ("timeout", ExceptionKind.TOOL_TIMEOUT),
    ("timed_out", ExceptionKind.TOOL_TIMEOUT),
    ("answer", ExceptionKind.ANSWER_INVALID),
    ("limit", ExceptionKind.LIMIT_EXCEEDED),
)
_SUCCEEDED: Final = frozenset({tools.SUCCEEDED, tools.CONFIRMED})


@dataclass(slots=True)
class Stepping:
    """The executions of one case, made while its entries are read in order.

    A step is one execution from when it was first ready, whatever is tried in it. A call that
    no step asks for is one of its own.
    """

    case: str
    found: dict[str, StepExecution] = field(default_factory=dict)
    call_of: dict[str, str] = field(default_factory=dict)
    latest: str = ""

    def ready(self, one: Told) -> None:
        """Begin an execution the first time its step is ready."""
        self.latest = one.subject
        if one.subject not in self.found:
            by = OwnerKind.AI if one.payload.get("owner", _AI) == _AI else OwnerKind.HUMAN
            self.found[one.subject] = StepExecution(
                one.subject, self.case, str(one.payload.get("step", "")), by, one.at
            )

    def proposed(self, one: Told) -> None:
        """Join a call to its step, or begin an execution that nobody planned."""
        step = str(one.payload.get("step", ""))
        named = str(one.payload.get("step_id", ""))
        planned = named if named in self.found else self._of_step(step)
        self.call_of[one.subject] = planned or one.subject
        if one.payload.get("off_plan"):
            by = OwnerKind.HUMAN if one.by_kind == "human" else OwnerKind.AI
            self.call_of[one.subject] = one.subject
            self.found[one.subject] = StepExecution(
                one.subject, self.case, step, by, one.at, exception=ExceptionKind.OFF_PLAN
            )

    def call(self, one: Told) -> None:
        """Note what became of a call."""
        key = self.call_of.get(one.subject, "")
        row = self.found.get(key)
        if row is None:
            return
        if one.kind in _SUCCEEDED:
            # A call off the plan stays an exception though it went through.
            if row.exception is not None and row.exception is not ExceptionKind.OFF_PLAN:
                self.found[key] = replace(row, recovered=True)
            return
        kind = _OF_CALL.get(one.kind)
        if kind is not None and row.exception is not ExceptionKind.OFF_PLAN:
            self.found[key] = replace(row, exception=_by_code(one, kind), recovered=False)

    def done(self, one: Told) -> None:
        """End a step that went through after all."""
        row = self.found.get(one.subject)
        if row is not None and row.exception is not None:
            self.found[one.subject] = replace(row, recovered=True)

    def failed(self, one: Told) -> None:
        """End a step that did not."""
        row = self.found.get(one.subject)
        if row is not None:
            kind = row.exception or ExceptionKind.TOOL_ERROR
            self.found[one.subject] = replace(row, exception=kind, recovered=False)

    def handed_off(self, one: Told) -> None:
        """Note a handoff for want of confidence or of something to go on."""
        kind = _OF_HANDOFF.get(str(one.payload.get("reason_code", "")))
        row = self.found.get(self.latest)
        if kind is not None and row is not None and row.exception is None:
            self.found[self.latest] = replace(row, exception=kind)

    def _of_step(self, step: str) -> str:
        keys = [key for key, row in self.found.items() if step and row.step == step]
        return keys[-1] if keys else ""


def _by_code(one: Told, kind: ExceptionKind) -> ExceptionKind:
    code = str(one.payload.get("code", "")).lower()
    rules = " ".join(str(rule) for rule in one.payload.get("rules", ()))
    text = code if one.kind != tools.DENIED else rules
    return next((other for word, other in _OF_CODE if word in text), kind)
