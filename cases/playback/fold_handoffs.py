"""What entries about handoffs say of a case; pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from cases.handoff import entries
from cases.handoff.types import HandoffState
from cases.memory.types import CaseEntry, CaseStatus
from cases.playback.drafting import Draft, text_of, value_of, who_of
from cases.playback.types import HandoffThen
from orchestra.core.actors import ActorKind


def _offered(draft: Draft, entry: CaseEntry) -> None:
    ended = draft.handoffs.get(str(value_of(entry, "ends", "")))
    if ended is not None:
        draft.handoffs[ended.id] = replace(ended, state=HandoffState.COMPLETED)
    from_queue = str(draft.fields.get("queue", ""))
    draft.handoffs[entry.subject_id] = HandoffThen(
        id=entry.subject_id,
        state=HandoffState.OFFERED,
        at=entry.at,
        queue=text_of(entry, "queue_key"),
        from_queue=from_queue,
        from_holder=entry.actor_id if entry.actor_kind == ActorKind.HUMAN else "",
        from_label=who_of(entry),
        reason=text_of(entry, "reason"),
        reason_code=str(value_of(entry, "reason_code", "")),
        role=str(value_of(entry, "role", "")),
        bundle_digest=str(value_of(entry, "bundle_digest", "")),
        bundle=value_of(entry, "bundle"),
    )
    _assign(draft, "", "", text_of(entry, "queue_key"))


def _accepted(draft: Draft, entry: CaseEntry) -> None:
    known = draft.handoffs.get(entry.subject_id)
    if known is not None:
        draft.handoffs[known.id] = replace(
            known, state=HandoffState.ACCEPTED, holder=entry.actor_id
        )
    _assign(draft, entry.actor_id, text_of(entry, "holder"), "")


def _returned(draft: Draft, entry: CaseEntry) -> None:
    known = draft.handoffs.get(entry.subject_id)
    if known is None:
        return
    draft.handoffs[known.id] = replace(known, state=HandoffState.RETURNED)
    # Entries of earlier releases do not say who holds it then: the person who sent it.
    holder = str(value_of(entry, "holder", known.from_holder))
    label = known.from_label if holder else ""
    _assign(draft, holder, label, known.from_queue)


def _completed(draft: Draft, entry: CaseEntry) -> None:
    known = draft.handoffs.get(entry.subject_id)
    if known is not None:
        draft.handoffs[known.id] = replace(known, state=HandoffState.COMPLETED)


def _assign(draft: Draft, holder: str, label: str, queue: str) -> None:
    draft.fields.update(
        holder=holder,
        holder_label=label,
        status=CaseStatus.HANDED_OFF if holder else CaseStatus.OPEN,
    )
    if queue:
        draft.fields["queue"] = queue


HANDOFF_HANDLERS: Final[Mapping[str, Callable[[Draft, CaseEntry], None]]] = {
    entries.HANDOFF_OFFERED: _offered,
    entries.HANDOFF_ACCEPTED: _accepted,
    entries.HANDOFF_RETURNED: _returned,
    entries.HANDOFF_COMPLETED: _completed,
}
