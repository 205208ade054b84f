"""What other rooms ask about calls: what was asked for, what was undone, edited and used."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from cases.tools.entries import COMPENSATED
from cases.tools.models import ToolCall
from cases.tools.types import Effect, Json
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from governance.ledger.selectors import list_entries
from governance.policies.registry import AskedFor
from orchestra.core.actors import ActorKind


def describe_calls(authority: Authority, call_ids: Collection[str]) -> dict[str, AskedFor]:
    """Return what calls asked for, by public id; whose they were only for who may read the case.

    Args:
        authority: What the reader holds.
        call_ids: Public ids; what is no id of a call is left out.
    """
    wanted = [found for text in call_ids if (found := _as_id(text)) is not None]
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    rows = ToolCall.objects.select_related("tool", "case__customer").filter(public_id__in=wanted)
    return {
        str(call.public_id): _asked_for(
            call, may_read=queues is None or call.case.queue_id in queues
        )
        for call in rows
    }


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _asked_for(call: ToolCall, *, may_read: bool) -> AskedFor:
    if not may_read:
        return AskedFor(words=call.tool.title, case=call.case.label)
    customer = call.case.customer
    return AskedFor(
        words=call.effect_text or call.tool.title,
        case=call.case.label,
        case_id=str(call.case.public_id),
        thing=_thing(call.arguments),
        customer=str(customer) if customer else call.case.claimed_name,
    )


def _thing(arguments: Json) -> str:
    """Return the first argument that names something elsewhere, such as an order's number."""
    named = arguments.items() if isinstance(arguments, dict) else ()
    found = (value for name, value in named if name.endswith("_id") and isinstance(value, str))
    return next(found, "")


def list_undone(since: datetime) -> set[str]:
    """Return the calls, by public id, that were undone since a moment, after they had run."""
    # By their entries, which an index finds by their kind: few of very many calls are undone.
    rows = list_entries().filter(kind=COMPENSATED, at__gte=since)
    return set(rows.order_by().values_list("subject_id", flat=True))


def list_edited(since: datetime) -> dict[str, str]:
    """Return the calls, by public id, edited since a moment, each with the editor's public id."""
    # The call that took its place was made by the edit, at its moment.
    rows = ToolCall.objects.filter(edited_from__isnull=False, created_at__gte=since)
    return {str(key): by for key, by in rows.values_list("edited_from__public_id", "edited_by_id")}


def count_use(agent_id: str, now: datetime) -> dict[str, int]:
    """Return how much of each bound of a budget an AI agent used up to a moment: one query."""
    hour, day = (
        Q(created_at__gt=now - timedelta(hours=1)),
        Q(created_at__gt=now - timedelta(days=1)),
    )
    rows = ToolCall.objects.filter(day, requester_kind=ActorKind.AGENT, requester_id=agent_id)
    return rows.aggregate(
        calls_per_hour=Count("pk", filter=hour),
        calls_per_day=Count("pk"),
        writes_per_day=Count("pk", filter=Q(tool__effect=Effect.WRITE)),
    )
