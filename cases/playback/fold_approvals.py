"""What entries about approvals say of a case; pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from cases.memory.types import CaseEntry
from cases.playback.drafting import Draft, text_of, value_of, who_of
from cases.playback.fold_steps import stop_waiting
from cases.playback.types import ApprovalThen, SeenThen, VoteThen
from cases.tools.types import CallState
from governance.approvals import entries
from governance.approvals.types import ApprovalState


def _requested(draft: Draft, entry: CaseEntry) -> None:
    subject: Mapping[str, Any] = value_of(entry, "subject", {})
    call = str(subject.get("id", ""))
    draft.approvals[entry.subject_id] = ApprovalThen(
        id=entry.subject_id,
        label=text_of(entry, "approval"),
        title=text_of(entry, "title"),
        call=call,
        state=ApprovalState.PENDING,
        at=entry.at,
        votes_needed=int(value_of(entry, "votes_needed", 0)),
        roles=tuple(value_of(entry, "roles", ())),
        deadline_at=str(value_of(entry, "deadline_at", "")),
        view_digest=str(value_of(entry, "view_digest", "")),
        action_digest=str(value_of(entry, "action_digest", "")),
    )
    draft.change_call(call, approval=entry.subject_id)


def _opened(draft: Draft, entry: CaseEntry) -> None:
    known = draft.approvals.get(entry.subject_id)
    if known is not None:
        seen = SeenThen(who=who_of(entry), at=entry.at)
        draft.approvals[known.id] = replace(known, opened=(*known.opened, seen))


def _all_seen(draft: Draft, entry: CaseEntry) -> None:
    known = draft.approvals.get(entry.subject_id)
    if known is None:
        return
    who = who_of(entry)
    last = max((at for at, one in enumerate(known.opened) if one.who == who), default=-1)
    opened = tuple(
        replace(one, all_seen_at=entry.at) if at == last else one
        for at, one in enumerate(known.opened)
    )
    draft.approvals[known.id] = replace(known, opened=opened)


def _voted(draft: Draft, entry: CaseEntry) -> None:
    known = draft.approvals.get(entry.subject_id)
    if known is None:
        return
    vote = VoteThen(
        who_id=entry.actor_id,
        who=who_of(entry),
        choice=text_of(entry, "choice"),
        at=entry.at,
        reason=text_of(entry, "reason"),
        view_digest=str(value_of(entry, "view_digest", "")),
    )
    draft.approvals[known.id] = replace(known, votes=(*known.votes, vote))


def _discounted(draft: Draft, entry: CaseEntry) -> None:
    known = draft.approvals.get(entry.subject_id)
    if known is not None:
        voter = text_of(entry, "voter")
        votes = tuple(
            replace(one, counts=False) if one.who == voter else one for one in known.votes
        )
        draft.approvals[known.id] = replace(known, votes=votes)


def _to(state: ApprovalState) -> Callable[[Draft, CaseEntry], None]:
    def handle(draft: Draft, entry: CaseEntry) -> None:
        draft.change_approval(entry.subject_id, state=state)

    return handle


def _granted(draft: Draft, entry: CaseEntry) -> None:
    draft.change_approval(entry.subject_id, state=ApprovalState.GRANTED)
    known = draft.approvals.get(entry.subject_id)
    call = draft.calls.get(known.call) if known else None
    if call is not None and call.state == CallState.AWAITING_APPROVAL:
        draft.calls[call.id] = replace(call, state=CallState.READY, reason="")
        stop_waiting(draft, call.id)


APPROVAL_HANDLERS: Final[Mapping[str, Callable[[Draft, CaseEntry], None]]] = {
    entries.REQUESTED: _requested,
    entries.OPENED: _opened,
    entries.EVIDENCE_SEEN: _all_seen,
    entries.VOTED: _voted,
    entries.VOTE_DISCOUNTED: _discounted,
    entries.GRANTED: _granted,
    entries.REJECTED: _to(ApprovalState.REJECTED),
    entries.EXPIRED: _to(ApprovalState.EXPIRED),
    entries.VOIDED: _to(ApprovalState.VOIDED),
    entries.USED: _to(ApprovalState.USED),
}
