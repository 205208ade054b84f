"""Whether an AI agent's budget holds one more call, in the transaction that proposes it."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from cases.memory.models import Case
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.sentences import limit_words
from cases.tools.types import Effect, ToolSpec
from governance.access.agents import Limit, limits_on
from governance.access.models import AgentIdentity
from governance.access.types import Authority
from orchestra.core.actors import ActorKind
from orchestra.core.clock import rfc3339
from orchestra.core.errors import ConflictError
from orchestra.core.locking import hold, lock_one

_WORDS = {
    "calls_per_hour": "calls in an hour",
    "calls_per_day": "calls in a day",
    "writes_per_day": "changes in a day",
}


def check_budget(*, authority: Authority, now: datetime, effect: Effect) -> None:
    """Refuse a call beyond the budget of the agent that proposes it.

    Counted from the calls themselves, so nothing can drift; the agent's row is locked, so two
    proposals at once do not both take the last place. Without a budget nothing is read.

    Raises:
        ConflictError: Code ``agent.budget_spent``, with the bound and when it frees again.
    """
    is_write = effect is Effect.WRITE
    if not authority.actor.is_agent or not limits_on(authority.budget, is_write=is_write):
        return
    agent = lock_one(AgentIdentity.objects.filter(public_id=authority.actor.id))
    for limit in limits_on(agent.budget(), is_write=is_write):
        _check(limit, authority, now)


def check_limits(
    *, authority: Authority, now: datetime, case: Case, tool: ToolDefinition, spec: ToolSpec
) -> None:
    """Refuse a call beyond what its tool allows an AI agent, or for a customer.

    Counted from the calls themselves; the tool's row is held, so two proposals at once do not
    both take the last place. A tool without limits costs nothing.

    Args:
        authority: Who proposes; a limit for AI agents does not bind people.
        now: When.
        case: The case, locked; one without a customer is counted by itself.
        tool: The tool's row.
        spec: What it declares.

    Raises:
        ConflictError: Code ``tool.limit_reached``, with the limit.
    """
    limits = [one for one in spec.limits if one.per == "customer" or authority.actor.is_agent]
    if not limits:
        return
    hold(ToolDefinition.objects.filter(pk=tool.pk))
    for limit in limits:
        since = now - timedelta(minutes=limit.window_minutes)
        rows = ToolCall.objects.filter(tool=tool, created_at__gt=since)
        if limit.per == "agent":
            mine = {"requester_kind": ActorKind.AGENT, "requester_id": authority.actor.id}
            rows = rows.filter(**mine)
        elif case.customer_id is not None:
            rows = rows.filter(case__customer_id=case.customer_id)
        else:
            rows = rows.filter(case=case)
        if rows.count() >= limit.calls:
            raise ConflictError(
                _("%(tool)s is allowed no more for now: %(limit)s.")
                % {"tool": spec.title, "limit": limit_words(limit)},
                code="tool.limit_reached",
                data={"per": limit.per, "most": limit.calls, "minutes": limit.window_minutes},
            )


def _check(limit: Limit, authority: Authority, now: datetime) -> None:
    rows = ToolCall.objects.filter(
        requester_kind=ActorKind.AGENT,
        requester_id=authority.actor.id,
        created_at__gt=now - limit.within,
    )
    if limit.writes:
        rows = rows.filter(tool__effect=Effect.WRITE)
    frees_at = None
    if limit.most:
        # The call that has to fall out of the span before one more fits in.
        oldest = rows.order_by("-created_at", "-pk").values_list("created_at", flat=True)[
            limit.most - 1 : limit.most
        ]
        first = next(iter(oldest), None)
        if first is None:
            return
        frees_at = rfc3339(first + limit.within)
    until = _("It frees again at %(at)s.") % {"at": frees_at} if frees_at else _("Ask its owner.")
    raise ConflictError(
        _("The budget of %(most)d %(what)s is spent. %(until)s")
        % {"most": limit.most, "what": _WORDS[limit.name], "until": until},
        code="agent.budget_spent",
        data={"limit": limit.name, "most": limit.most, "frees_at": frees_at},
    )
