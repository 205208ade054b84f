"""What became of a tool call, in words: for the approval page and the case page."""

from typing import Any

from django.utils.translation import gettext as _

from cases.tools.models import ToolCall
from cases.tools.types import CallState
from orchestra.core import words

_MOVING = frozenset({CallState.PROPOSED, CallState.READY, CallState.EXECUTING})
_CARDS = {
    CallState.SUCCEEDED: "is-accent",
    CallState.FAILED: "is-danger",
    CallState.UNKNOWN: "is-warn",
}


def describe_outcome(call: ToolCall, *, held: str = "") -> dict[str, Any]:
    """Return the state of a call and what was and was not done.

    Args:
        call: The call with its tool.
        held: Why it does not run though it is due, where the page knows of it.
    """
    state = CallState(call.state)
    return {
        "state": "refused" if call.refused else call.state,
        "card": _CARDS.get(state, ""),
        "text": held or _sentence(call, state),
        "detail": call.state_reason if state is not CallState.SUCCEEDED else "",
        "moving": state in _MOVING,
    }


def _sentence(call: ToolCall, state: CallState) -> str:
    at = words.clock_time(call.settled_at) if call.settled_at else ""
    if state is CallState.SUCCEEDED:
        return _succeeded(call, at)
    if call.refused:
        return _("The system of record refused at %(at)s. Nothing was changed.") % {"at": at}
    sentences = {
        CallState.PROPOSED: _("It was proposed and is being decided."),
        CallState.READY: _("It is about to run. This page asks again every 2 seconds."),
        CallState.EXECUTING: _("It is running. This page asks again every 2 seconds."),
        CallState.AWAITING_APPROVAL: _("It waits until a person approves. Nothing ran."),
        CallState.AWAITING_VERIFICATION: _(
            "It waits for the customer to be verified. Nothing ran."
        ),
        CallState.FAILED: _("It failed at %(at)s; the system of record gave no usable answer.")
        % {"at": at},
        CallState.UNKNOWN: _(
            "The system of record did not answer after it was sent, so nobody knows whether it "
            "happened. It is not tried again by itself; a person looks it up."
        ),
        CallState.DENIED: _("Policy denied it. Nothing ran."),
        CallState.REJECTED: _("A person rejected it. Nothing ran."),
        CallState.EXPIRED: _("It ran out of time before anyone decided. Nothing ran."),
        CallState.VOIDED: _("It was stopped before it ran. It has to be asked again."),
        CallState.HANDED_OFF: _("It was handed to a person instead. Nothing ran."),
        CallState.CANCELLED: _("It was taken back. Nothing ran."),
        CallState.COMPENSATED: _("It ran, and was reversed afterwards."),
    }
    return sentences[state]


def _succeeded(call: ToolCall, at: str) -> str:
    if call.confirmed:
        return _("It ran at %(at)s, and reading it back confirms the effect.") % {"at": at}
    if call.confirmed is False:
        return _(
            "It ran at %(at)s and the system of record said yes, but reading it back does not "
            "show the effect."
        ) % {"at": at}
    return _("It ran at %(at)s; the system of record said yes.") % {"at": at}
