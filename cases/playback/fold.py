"""Folds a case's entries into the case as it stood at a moment; pure.

Only entries up to the moment are looked at, and versions that never change. The order of the
stream decides: what stands behind the first entry after the moment came later, whatever time it
carries.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from cases.intake import entries as intake
from cases.journeys.types import CueSheetSpec
from cases.memory import entries as memory
from cases.memory.rules import status_after_reopening
from cases.memory.types import CaseEntry, CaseStatus, VerificationLevel
from cases.playback.drafting import Draft, text_of, value_of, who_of
from cases.playback.fold_approvals import APPROVAL_HANDLERS
from cases.playback.fold_calls import CALL_HANDLERS
from cases.playback.fold_handoffs import HANDOFF_HANDLERS
from cases.playback.fold_steps import STEP_HANDLERS
from cases.playback.types import CaseThen, EvidenceThen, SaidThen, VerificationThen
from orchestra.core.clock import parse_rfc3339


def until(entries: Sequence[CaseEntry], moment: datetime) -> Sequence[CaseEntry]:
    """Return the entries that had been recorded at a moment.

    Args:
        entries: The whole stream, in order.
        moment: Itself included.
    """
    end = next((at for at, entry in enumerate(entries) if entry.at > moment), len(entries))
    return entries[:end]


def state_at(
    entries: Sequence[CaseEntry],
    moment: datetime,
    plans: Mapping[str, CueSheetSpec],
) -> CaseThen | None:
    """Return the case as it stood at a moment; None where it did not exist yet.

    Args:
        entries: The whole stream of the case, in order, or any beginning of it.
        moment: Itself included.
        plans: Digest of a cue sheet's version to what it says, as far as it is kept; a journey
            under any other has the steps that its entries name.
    """
    return state_after(until(entries, moment), plans)


def state_after(entries: Sequence[CaseEntry], plans: Mapping[str, CueSheetSpec]) -> CaseThen | None:
    """Return the case as it stands after its first entries; None where there is none."""
    if not entries:
        return None
    draft = Draft(plans=plans)
    for entry in entries:
        if entry.payload is None:
            draft.erased.append(entry.seq)
        handler = _HANDLERS.get(entry.kind)
        if handler is not None:
            handler(draft, entry)
    return draft.done(entries[-1])


def _opened(draft: Draft, entry: CaseEntry) -> None:
    customer = value_of(entry, "customer", {})
    draft.fields.update(
        label=text_of(entry, "case"),
        status=CaseStatus.OPEN,
        queue=text_of(entry, "queue"),
        channel=text_of(entry, "channel"),
        subject=text_of(entry, "subject"),
        customer_ref=str(customer.get("ref", "")),
        customer_name=str(customer.get("name", "")),
        opened_at=entry.at,
        opened_by=who_of(entry),
    )


def _bound(draft: Draft, entry: CaseEntry) -> None:
    draft.fields.update(
        customer_ref=text_of(entry, "ref"),
        customer_name=text_of(entry, "name") or text_of(entry, "customer"),
        bound_at=entry.at,
    )


def _said(draft: Draft, entry: CaseEntry) -> None:
    said_at = value_of(entry, "said_at")
    draft.said.append(
        SaidThen(
            seq=entry.seq,
            id=entry.subject_id,
            at=parse_rfc3339(said_at) if said_at else entry.at,
            speaker=text_of(entry, "speaker"),
            who=who_of(entry),
            text=text_of(entry, "text"),
        )
    )


def _attached(draft: Draft, entry: CaseEntry) -> None:
    draft.evidence.append(
        EvidenceThen(
            id=entry.subject_id, at=entry.at, title=text_of(entry, "title"), by=who_of(entry)
        )
    )


def _verified(draft: Draft, entry: CaseEntry) -> None:
    draft.fields["verification"] = text_of(entry, "stands")
    draft.verifications.append(
        VerificationThen(
            at=entry.at,
            level=text_of(entry, "level"),
            trust=text_of(entry, "trust"),
            method=text_of(entry, "method"),
            by=who_of(entry),
            tool_call=str(value_of(entry, "tool_call", "")),
        )
    )


def _withdrawn(draft: Draft, entry: CaseEntry) -> None:
    del entry
    draft.fields["verification"] = VerificationLevel.NONE


def _resolved(draft: Draft, entry: CaseEntry) -> None:
    draft.fields.update(
        status=CaseStatus.RESOLVED,
        outcome=text_of(entry, "outcome"),
        outcome_confirmed=bool(value_of(entry, "confirmed", default=False)),
    )


def _closed(draft: Draft, entry: CaseEntry) -> None:
    del entry
    draft.fields["status"] = CaseStatus.CLOSED


def _reopened(draft: Draft, entry: CaseEntry) -> None:
    del entry
    status = status_after_reopening(has_holder=bool(draft.fields.get("holder")))
    draft.fields.update(status=status, outcome="", outcome_confirmed=False)


def _merged(draft: Draft, entry: CaseEntry) -> None:
    del entry
    draft.fields["status"] = CaseStatus.MERGED


def _unmerged(draft: Draft, entry: CaseEntry) -> None:
    draft.fields["status"] = text_of(entry, "status")


def _moved(draft: Draft, entry: CaseEntry) -> None:
    draft.fields["queue"] = text_of(entry, "key")


def _held(draft: Draft, entry: CaseEntry) -> None:
    draft.fields.update(
        holder=entry.subject_id,
        holder_label=text_of(entry, "holder"),
        status=CaseStatus.HANDED_OFF,
    )


def _flag_cleared(draft: Draft, entry: CaseEntry) -> None:
    cleared = text_of(entry, "flag")
    flags = draft.fields.get("risk_flags", ())
    draft.fields["risk_flags"] = tuple(flag for flag in flags if flag != cleared)


def _priority_set(draft: Draft, entry: CaseEntry) -> None:
    draft.fields["priority"] = value_of(entry, "priority", draft.fields.get("priority", 3))


def _classified(draft: Draft, entry: CaseEntry) -> None:
    flags = tuple(draft.fields.get("risk_flags", ()))
    added = sorted(set(value_of(entry, "risk_flags", ())) - set(flags))
    draft.fields["risk_flags"] = (*flags, *added)
    draft.fields["priority"] = value_of(entry, "priority", draft.fields.get("priority", 3))
    if value_of(entry, "person_said", False):  # noqa: FBT003  a value, not a switch
        return
    intent = str(value_of(entry, "intent", ""))
    if intent:
        draft.fields["intent"] = intent
    if intent or "intent_title" not in draft.fields:
        draft.fields.update(intent_title=text_of(entry, "title"), intent_at=entry.at)


def _settled(draft: Draft, entry: CaseEntry) -> None:
    draft.fields.update(
        intent=str(value_of(entry, "intent", "")),
        intent_title=text_of(entry, "title"),
        intent_at=entry.at,
    )


_CASE_HANDLERS: Final[Mapping[str, Callable[[Draft, CaseEntry], None]]] = {
    memory.CASE_OPENED: _opened,
    memory.CUSTOMER_BOUND: _bound,
    memory.MESSAGE_ADDED: _said,
    memory.EVIDENCE_ATTACHED: _attached,
    memory.VERIFICATION_RECORDED: _verified,
    memory.VERIFICATION_WITHDRAWN: _withdrawn,
    memory.CASE_RESOLVED: _resolved,
    memory.CASE_CLOSED: _closed,
    memory.CASE_REOPENED: _reopened,
    memory.CASE_MERGED: _merged,
    memory.CASE_UNMERGED: _unmerged,
    memory.CASE_MOVED: _moved,
    memory.CASE_HELD: _held,
    memory.FLAG_CLEARED: _flag_cleared,
    intake.CASE_CLASSIFIED: _classified,
    intake.INTENT_CONFIRMED: _settled,
    intake.PRIORITY_SET: _priority_set,
    intake.INTAKE_CONFIRMED: _settled,
    intake.INTAKE_CORRECTED: _settled,
}
_HANDLERS: Final[Mapping[str, Callable[[Draft, CaseEntry], None]]] = {
    **_CASE_HANDLERS,
    **STEP_HANDLERS,
    **CALL_HANDLERS,
    **APPROVAL_HANDLERS,
    **HANDOFF_HANDLERS,
}
