"""The queries on tools and calls that every action asks, each compiled once."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.rules import OPEN_STATES
from governance.switches.selectors import stops_row
from orchestra.core.prepared import Prepared


def stopped_now() -> Exists:
    """Return the condition on a call that a stop stands on it, asked in the call's statement."""
    return stops_row(
        agent=OuterRef("requester_id"), tool=OuterRef("tool__name"), cue_sheet=OuterRef("cue_sheet")
    )


def tools() -> QuerySet[ToolDefinition]:
    """Return tools with their connections."""
    # The document is read once for each digest, so a row comes without it.
    return ToolDefinition.objects.select_related("connection").defer("document")


def calls() -> QuerySet[ToolCall]:
    """Return calls with all that deciding and showing them needs."""
    return ToolCall.objects.select_related(
        "tool", "tool__connection", "decision", "case__queue"
    ).defer("tool__document")


def repeated(digest: str, case_id: int, tool_id: int, requester_id: str) -> Q:
    """Return the condition on open calls for the same, as proposed or as edited since."""
    return Q(
        Q(arguments_digest=digest) | Q(proposed_digest=digest),
        case_id=case_id,
        tool_id=tool_id,
        requester_id=requester_id,
        state__in=sorted(OPEN_STATES),
    )


CALL = Prepared(lambda call_id: calls().filter(pk=call_id))
DUE_CALL = Prepared(lambda call_id: calls().annotate(is_stopped=stopped_now()).filter(pk=call_id))
CALL_BY_ID = Prepared(lambda wanted: calls().filter(public_id=wanted))
CALL_OF_QUEUES = Prepared(
    lambda wanted, queues: calls().filter(public_id=wanted, case__queue_id__in=queues)
)
OF_REQUEST = Prepared(
    lambda key: ToolCall.objects.filter(request_key=key).values_list("pk", flat=True)
)
REPEATED = Prepared(
    lambda *same: ToolCall.objects.filter(repeated(*same)).values_list("request_key", "pk")
)
REPEATED_OR_OF_REQUEST = Prepared(
    lambda *same: ToolCall.objects.filter(
        repeated(*same[:-1]) | Q(request_key=same[-1])
    ).values_list("request_key", "pk")
)
TOOLS = Prepared(lambda names: tools().filter(name__in=names))
STATE = Prepared(
    lambda call_id: ToolCall.objects.filter(pk=call_id).values_list("state", flat=True)
)
