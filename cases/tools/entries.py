"""The ledger kinds that tools and their calls write."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from cases.tools.types import CallState
from governance.ledger.types import EntryKind

PROPOSED = "tool_call.proposed"
EXECUTION_CLAIMED = "execution.claimed"
ATTEMPT_FAILED = "tool_call.attempt_failed"
SUCCEEDED = "tool_call.succeeded"
REFUSED = "tool_call.refused"
FAILED = "tool_call.failed"
UNKNOWN = "tool_call.unknown"
DENIED = "tool_call.denied"
VOIDED = "tool_call.voided"
EXPIRED = "tool_call.expired"
REJECTED = "tool_call.rejected"
CANCELLED = "tool_call.cancelled"
EDITED = "tool_call.edited"
HANDED_OFF = "tool_call.handed_off"
CONFIRMED = "tool_call.confirmed"
STALE_RESULT = "tool_call.stale_result"
RETRIED = "tool_call.retried"
COMPENSATED = "tool_call.compensated"
TOOL_PUBLISHED = "tool.published"
TOOL_RETIRED = "tool.retired"
TOOLS_IMPORTED = "tool.imported"
CONNECTION_ADDED = "connection.added"
CONNECTION_CHANGED = "connection.changed"
CONNECTION_TESTED = "connection.tested"

KINDS = (
    EntryKind(PROPOSED, _("{actor} proposed {title}: {effect}")),
    EntryKind(EXECUTION_CLAIMED, _("Attempt {attempt} at {title} began")),
    EntryKind(ATTEMPT_FAILED, _("Attempt {attempt} at {title} brought no answer: {reason}")),
    EntryKind(SUCCEEDED, _("{title} was carried out")),
    EntryKind(REFUSED, _("The system of record refused {title}: {reason}")),
    EntryKind(FAILED, _("{title} failed: {reason}")),
    EntryKind(UNKNOWN, _("What became of {title} is not known: {reason}")),
    EntryKind(DENIED, _("Policy denied {title}: {reason}")),
    EntryKind(VOIDED, _("{title} was voided: {reason}")),
    EntryKind(EXPIRED, _("{title} expired: {reason}")),
    EntryKind(REJECTED, _("{title} was rejected: {reason}")),
    EntryKind(CANCELLED, _("{actor} cancelled {title}: {reason}")),
    EntryKind(EDITED, _("{actor} edited {title}: {reason}")),
    EntryKind(HANDED_OFF, _("{title} goes to a person: {reason}")),
    EntryKind(CONFIRMED, _("{confirmed_by} shows the effect of {title}")),
    EntryKind(STALE_RESULT, _("A late result of attempt {attempt} at {title} changed nothing")),
    EntryKind(RETRIED, _("{actor} let {title} be tried again under the same key: {reason}")),
    EntryKind(COMPENSATED, _("{title} was undone")),
    EntryKind(TOOL_PUBLISHED, _("{actor} published the tool {title}, risk {risk}")),
    EntryKind(TOOL_RETIRED, _("{actor} took the tool {title} out of force")),
    EntryKind(TOOLS_IMPORTED, _("{actor} imported {count} drafts of tools of {title}")),
    EntryKind(CONNECTION_ADDED, _("{actor} added the connection {title}: {reason}")),
    EntryKind(CONNECTION_CHANGED, _("{actor} changed the connection {title}: {reason}")),
    EntryKind(CONNECTION_TESTED, _("{actor} tested the connection {title}: {outcome}")),
)

#: The entry that says a call came to this state; ``ready`` and ``executing`` have their own.
KIND_OF: Final[Mapping[CallState, str]] = {
    CallState.SUCCEEDED: SUCCEEDED,
    CallState.FAILED: FAILED,
    CallState.UNKNOWN: UNKNOWN,
    CallState.DENIED: DENIED,
    CallState.REJECTED: REJECTED,
    CallState.EXPIRED: EXPIRED,
    CallState.VOIDED: VOIDED,
    CallState.HANDED_OFF: HANDED_OFF,
    CallState.CANCELLED: CANCELLED,
    CallState.COMPENSATED: COMPENSATED,
}
