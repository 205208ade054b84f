"""What entries about decisions and tool calls say of a case; pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from cases.memory.types import CaseEntry
from cases.playback.drafting import Draft, text_of, value_of, who_of
from cases.playback.fold_steps import take_step
from cases.playback.types import ERASED, AttemptThen, CallThen, DecisionThen
from cases.tools import entries
from cases.tools.rules import STATE_AFTER
from cases.tools.types import CallState
from governance.policies import entries as policies
from governance.policies.types import Outcome
from orchestra.core.redaction import mask_arguments

_TO: Final[Mapping[str, CallState]] = {
    **{kind: state for state, kind in entries.KIND_OF.items()},
    entries.REFUSED: CallState.FAILED,
    entries.EDITED: CallState.CANCELLED,
}


def _decided(draft: Draft, entry: CaseEntry) -> None:
    again = entry.kind == policies.DECISION_REAFFIRMED or value_of(entry, "previous") is not None
    decision = DecisionThen(
        seq=entry.seq,
        at=entry.at,
        id=str(value_of(entry, "decision", "")),
        digest=str(value_of(entry, "digest", "")),
        call=entry.subject_id,
        outcome=text_of(entry, "outcome"),
        reasons=text_of(entry, "reasons"),
        policies={
            key: (int(held[0]), str(held[1]))
            for key, held in value_of(entry, "policies", {}).items()
        },
        again=again,
    )
    draft.decisions.append(decision)
    if again:
        return
    draft.decided[entry.subject_id] = decision.id
    known = draft.calls.get(entry.subject_id)
    if known is not None and known.state == CallState.AWAITING_VERIFICATION:
        draft.calls[known.id] = replace(
            known, state=state_after_outcome(decision.outcome), decision=decision.id
        )


def state_after_outcome(outcome: str) -> str:
    """Return where a decision sends a call; ``[erased]`` where the verdict was erased."""
    return STATE_AFTER[Outcome(outcome)] if outcome in set(Outcome) else ERASED


def _proposed(draft: Draft, entry: CaseEntry) -> None:
    requester: Mapping[str, Any] = value_of(entry, "requester", {})
    draft.calls[entry.subject_id] = CallThen(
        id=entry.subject_id,
        tool=text_of(entry, "tool"),
        title=text_of(entry, "title"),
        effect=text_of(entry, "effect"),
        state=state_after_outcome(text_of(entry, "outcome")),
        proposed_at=entry.at,
        seq=entry.seq,
        requester_kind=str(requester.get("kind", entry.actor_kind)),
        requester_label=str(requester.get("label", "")) or who_of(entry),
        schema=entry.schema,
        step_id=str(value_of(entry, "step_id", "")),
        step_key=str(value_of(entry, "step", "")),
        off_plan=bool(value_of(entry, "off_plan", default=False)),
        arguments=mask_arguments(value_of(entry, "arguments"), value_of(entry, "sensitive")),
        rationale=text_of(entry, "rationale"),
        reason=" ".join(value_of(entry, "reasons", ())),
        decision=draft.decided.get(entry.subject_id, ""),
        edited_from=str(value_of(entry, "edited_from", "")),
    )
    take_step(draft, entry)


def _claimed(draft: Draft, entry: CaseEntry) -> None:
    call = draft.calls.get(entry.subject_id)
    if call is not None:
        number = int(value_of(entry, "attempt", len(call.attempts) + 1))
        draft.calls[call.id] = replace(
            call,
            state=CallState.EXECUTING,
            attempts=(*call.attempts, AttemptThen(number=number, at=entry.at)),
        )


def _attempt_failed(draft: Draft, entry: CaseEntry) -> None:
    _end_attempt(draft, entry, "no_answer")
    draft.change_call(entry.subject_id, state=CallState.READY, reason=text_of(entry, "reason"))


def _stale(draft: Draft, entry: CaseEntry) -> None:
    _end_attempt(draft, entry, "late")


def _end_attempt(draft: Draft, entry: CaseEntry, ended: str) -> None:
    call = draft.calls.get(entry.subject_id)
    if call is None:
        return
    number = value_of(entry, "attempt", len(call.attempts))
    attempts = tuple(
        replace(one, ended=ended, ended_at=entry.at, detail=str(value_of(entry, "reason", "")))
        if one.number == number and not one.ended
        else one
        for one in call.attempts
    )
    draft.calls[call.id] = replace(call, attempts=attempts)


def _confirmed(draft: Draft, entry: CaseEntry) -> None:
    draft.change_call(
        entry.subject_id, confirmed=True, confirmed_by=str(value_of(entry, "confirmed_by", ""))
    )


def _ended(draft: Draft, entry: CaseEntry) -> None:
    call = draft.calls.get(entry.subject_id)
    if call is None:
        return
    refused = entry.kind == entries.REFUSED
    if "attempt" in (entry.payload or {}):
        _end_attempt(draft, entry, "refused" if refused else "answered")
    draft.change_call(
        entry.subject_id,
        state=_TO[entry.kind],
        reason=text_of(entry, "reason"),
        refused=refused,
        result=ERASED if entry.payload is None else entry.payload.get("result"),
        confirmed=value_of(entry, "confirmed", call.confirmed),
        confirmed_by=str(value_of(entry, "confirmed_by", "")),
        ended_at=entry.at if _TO[entry.kind].is_terminal else None,
    )


CALL_HANDLERS: Final[Mapping[str, Callable[[Draft, CaseEntry], None]]] = {
    policies.DECISION_RECORDED: _decided,
    policies.DECISION_REAFFIRMED: _decided,
    entries.PROPOSED: _proposed,
    entries.EXECUTION_CLAIMED: _claimed,
    entries.ATTEMPT_FAILED: _attempt_failed,
    entries.STALE_RESULT: _stale,
    entries.CONFIRMED: _confirmed,
    **dict.fromkeys(_TO, _ended),
}
