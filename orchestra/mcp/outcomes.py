"""What became of a proposed tool call, as a result and as a task."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.api.outputs import status_url
from cases.api.present import call_detail
from cases.tools import selectors as tools
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from orchestra.core.clock import rfc3339

Json = Any

#: What goes on by itself, soon.
RUNNING: Final = frozenset({CallState.PROPOSED, CallState.READY, CallState.EXECUTING})
#: What a task is made of: it comes to its end without the caller. What waits for the customer's
#: verification does not, so a caller that only polled would poll for ever.
ENDS_ALONE: Final = RUNNING | {CallState.AWAITING_APPROVAL, CallState.UNKNOWN}
_POLL_PEOPLE_MS: Final = 5_000
_POLL_RUNNING_MS: Final = 1_000
_WHERE_THERE_IS_ONE: Final = ("result", "rejection", "edited_by")

_OUTCOMES: Final[Mapping[CallState, str]] = MappingProxyType(
    {
        **dict.fromkeys(RUNNING, "running"),
        CallState.AWAITING_APPROVAL: "pending_approval",
        CallState.AWAITING_VERIFICATION: "pending_verification",
    }
)
_SAYS: Final[Mapping[CallState, str | Promise]] = MappingProxyType(
    {
        **dict.fromkeys(RUNNING, gettext_lazy("It is allowed and runs. Ask again for its result.")),
        CallState.AWAITING_APPROVAL: gettext_lazy(
            "A person has to approve it; nothing was done yet. Ask again, or send the same again: "
            "it attaches to what waits."
        ),
        CallState.AWAITING_VERIFICATION: gettext_lazy(
            "The customer has to be verified first; nothing was done yet. Verify them with a tool "
            "that does, then ask again."
        ),
        CallState.UNKNOWN: gettext_lazy(
            "It was sent and no answer came, so it may have happened. A person looks it up; do "
            "not do it another way."
        ),
        CallState.SUCCEEDED: gettext_lazy("It was done."),
        CallState.FAILED: gettext_lazy("It was not done."),
        CallState.DENIED: gettext_lazy("The policy does not allow it. Nothing was done."),
        CallState.REJECTED: gettext_lazy("A person rejected it. Nothing was done."),
        CallState.EXPIRED: gettext_lazy("Nobody decided in time. Nothing was done."),
        CallState.VOIDED: gettext_lazy("What it rested on changed. Nothing was done."),
        CallState.HANDED_OFF: gettext_lazy("The case was handed to a person. Nothing was done."),
        CallState.CANCELLED: gettext_lazy("It was taken back. Nothing was done."),
        CallState.COMPENSATED: gettext_lazy("It was done, and undone afterwards."),
    }
)


def as_it_stands(call: ToolCall) -> ToolCall:
    """Return what a call is by now: itself, or what replaced it when a person edited it."""
    if call.state != CallState.CANCELLED:
        return call
    return tools.find_latest_replacement(call) or call


def is_error(call: ToolCall) -> bool:
    """Return whether a call ended and what was asked for did not happen."""
    state = CallState(call.state)
    return state.is_terminal and state is not CallState.SUCCEEDED


def name_of(call: ToolCall) -> str:
    """Return what the state of a call is called here."""
    state = CallState(call.state)
    return _OUTCOMES.get(state, str(state))


def outcome_of(call: ToolCall, *, is_repeat: bool = False) -> dict[str, Json]:
    """Return what became of a call so far, in the shape ``OutcomeOut``.

    Args:
        call: The call as it stands.
        is_repeat: Whether nothing new was proposed.
    """
    state = CallState(call.state)
    detail = call_detail(call)
    found: dict[str, Json] = {
        "outcome": name_of(call),
        "message": _message(call, detail, is_repeat=is_repeat),
        "is_repeat": is_repeat,
        "tool_call_id": str(call.public_id),
        "case_id": detail["case"],
        "tool": detail["tool"],
        "step": detail["step"],
        "decision": detail["decision"],
        "status_url": status_url(call),
        **{name: detail[name] for name in _WHERE_THERE_IS_ONE if detail[name] is not None},
    }
    if call.edited_from_id is not None:
        found["arguments"] = detail["arguments"]
    approval = detail["approval"]
    if approval:
        found["approval_id"] = approval["id"]
        if state is CallState.AWAITING_APPROVAL:
            found["expires_at"] = approval["deadline_at"]
    if not state.is_terminal:
        found["retry_after_ms"] = _poll_ms(state)
    return found


def _message(call: ToolCall, detail: Mapping[str, Json], *, is_repeat: bool) -> str:
    state = CallState(call.state)
    reasons = [call.state_reason] if call.state_reason else detail["decision"]["reasons"]
    said = [str(_SAYS[state])]
    if state is not CallState.SUCCEEDED:
        said += [str(reason) for reason in reasons]
    rejection = detail["rejection"] or {"may_instead": []}
    said += [str(one["says"]) for one in rejection["may_instead"]]
    if is_repeat and state.is_terminal:
        said.append(
            _(
                "You asked for exactly this before, at %(at)s; nothing was done again. To do it "
                "once more, send an idempotency_key of your own."
            )
            % {"at": rfc3339(call.created_at)}
        )
    return " ".join(said)


def _poll_ms(state: CallState) -> int:
    return _POLL_RUNNING_MS if state in RUNNING else _POLL_PEOPLE_MS


def task_of(proposed: ToolCall, call: ToolCall) -> dict[str, Json]:
    """Return a call as a task, without what it came to.

    Args:
        proposed: The call as it was proposed; its id is the task's.
        call: The call as it stands, which may have replaced it.
    """
    state = CallState(call.state)
    found: dict[str, Json] = {
        "taskId": str(proposed.public_id),
        "status": _task_status(state),
        "statusMessage": str(_SAYS[state]),
        "createdAt": rfc3339(proposed.created_at),
        "lastUpdatedAt": rfc3339(call.settled_at or call.created_at),
        # Calls are kept, and who waits for a person waits until the approval's deadline.
        "ttlMs": None,
    }
    return found if state.is_terminal else {**found, "pollIntervalMs": _poll_ms(state)}


def _task_status(state: CallState) -> str:
    if not state.is_terminal:
        return "working"
    return "cancelled" if state is CallState.CANCELLED else "completed"
