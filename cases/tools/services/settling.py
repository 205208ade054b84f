"""Bring a call from one state to another: compare-and-set, ledger, whoever waits for it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.tools import entries, registry
from cases.tools.models import ToolCall
from cases.tools.registry import HandOver
from cases.tools.rules import may_follow
from cases.tools.selectors import spec_of_call
from cases.tools.types import CallState, Json
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from governance.policies.services import release_limits
from orchestra.core.actors import Actor, system
from orchestra.core.canonical import canonical_bytes, sha256_hex
from orchestra.core.errors import ConflictError, InvalidInputError
from orchestra.core.locking import compare_and_set

#: The part of the system that carries calls out.
EXECUTION = system("execution")
SUBJECT = "tool_call"
REASON_LENGTH = 500

_WITHOUT_EFFECT = frozenset(
    {
        CallState.FAILED,
        CallState.DENIED,
        CallState.REJECTED,
        CallState.EXPIRED,
        CallState.VOIDED,
        CallState.HANDED_OFF,
        CallState.CANCELLED,
    }
)


def record(
    *, call: ToolCall, kind: str, actor: Actor, now: datetime, payload: Mapping[str, Json]
) -> None:
    """Append one entry about a call to the stream of its case."""
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=call.case.stream,
            kind=kind,
            payload={"tool": call.tool.name, "title": call.tool.title, **payload},
            subject_kind=SUBJECT,
            subject_id=str(call.public_id),
            schema=call.tool_digest,
        ),
    )


def for_record(value: Json) -> Json:
    """Return an answer as the ledger can hold it: itself, or the digest of what it cannot.

    What a system of record answers need not have a canonical form, and must still be settled.
    """
    try:
        canonical_bytes(value)
    except InvalidInputError:
        text = json.dumps(value, sort_keys=True)
        return {"not_canonical_sha256": sha256_hex(text.encode())}
    return value


def move(
    *,
    call: ToolCall,
    to: CallState,
    actor: Actor,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Change the state of a call if it still stands as loaded; the attempt is the fencing token.

    Raises:
        ConflictError: The call moved on, or may not go there from where it stands.
    """
    before = CallState(call.state)
    if not may_follow(before, to):
        raise ConflictError(
            f"A tool call that is {before} cannot become {to}.",
            code="conflict.state_moved_on",
            data={"state": str(before)},
        )
    compare_and_set(
        call,
        expected={"state": before, "attempt": call.attempt},
        changes={
            "state": to,
            "state_reason": reason[:REASON_LENGTH],
            "lease_until_at": None,
            "due_at": None,
            **(changes or {}),
        },
        actor=actor,
    )


def finish(
    *,
    call: ToolCall,
    to: CallState,
    actor: Actor,
    now: datetime,
    reason: str,
    changes: Mapping[str, Any] | None = None,
    payload: Mapping[str, Json] | None = None,
) -> None:
    """Bring a call to an end, or to ``unknown``, inside the running transaction.

    Writes the state and one entry, gives limits back where nothing happened, and tells the
    rooms above.

    Raises:
        ConflictError: Another writer was faster; nothing was changed.
    """
    ended = {"settled_at": now} if to.is_terminal else {}
    move(call=call, to=to, actor=actor, reason=reason, changes={**ended, **(changes or {})})
    kind = entries.REFUSED if call.refused else entries.KIND_OF[to]
    record(
        call=call,
        kind=kind,
        actor=actor,
        now=now,
        payload={"reason": reason, "state": str(to), **(payload or {})},
    )
    # A write that was answered but does not show may have left something behind.
    if to in _WITHOUT_EFFECT and call.confirmed is not False:
        release_limits(subject_id=str(call.public_id), now=now)
    if to.is_terminal:
        _tell(call, to, now)


def replace(
    *, call: ToolCall, actor: Actor, now: datetime, reason: str, payload: Mapping[str, Json]
) -> None:
    """End a call because an edited one takes its place, inside the running transaction.

    The rooms above are not told of this end: the call that replaces it takes over whatever
    waits for it.

    Raises:
        ConflictError: Another writer was faster; nothing was changed.
    """
    to = CallState.CANCELLED
    move(call=call, to=to, actor=actor, reason=reason, changes={"settled_at": now})
    whole = {"state": str(to), **payload}
    record(call=call, kind=entries.EDITED, actor=actor, now=now, payload=whole)
    release_limits(subject_id=str(call.public_id), now=now)


def hand_over(*, call: ToolCall, now: datetime, over: HandOver) -> None:
    """Tell the rooms above that a person has to take this on."""
    for name in registry.handed_off:
        registry.handed_off.get(name)(call, over, now)


def _tell(call: ToolCall, to: CallState, now: datetime) -> None:
    if to is CallState.HANDED_OFF:
        return
    for name in registry.settled:
        registry.settled.get(name)(call, now)
    hands_off = spec_of_call(call).hands_off if to is CallState.SUCCEEDED else None
    if hands_off:
        hand_over(
            call=call,
            now=now,
            over=HandOver(
                queue=str(hands_off.get("queue") or ""),
                role=str(hands_off.get("role") or ""),
                reason_code=str(hands_off["reason_code"]),
                reason=call.rationale or call.tool.title,
            ),
        )
