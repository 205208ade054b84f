"""Propose a tool call at a door whose callers keep no key of their own for each act."""

from dataclasses import dataclass, replace

from cases.journeys.services.proposing import ProposalRequest, propose_tool_call
from cases.memory.models import Case
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.rules import arguments_digest
from cases.tools.selectors import find_alike, find_latest_replacement, get_tool
from cases.tools.services.executing import Clock
from cases.tools.types import CallState, Effect
from governance.access.selectors import authority_of, require, require_tool
from governance.access.types import Capability
from orchestra.core import canonical, clock
from orchestra.core.actors import Actor

_DOMAIN = "orchestra.repeat.v1"


@dataclass(frozen=True, slots=True)
class Answered:
    """A call, and whether it is one that was proposed before.

    Attributes:
        is_repeat: Whether nothing new was proposed.
    """

    call: ToolCall
    is_repeat: bool


def propose_once(
    *,
    actor: Actor,
    case: Case,
    request: ProposalRequest,
    key: str = "",
    read_clock: Clock = clock.now,
) -> Answered:
    """Propose a change once, and answer its repeats with what became of it.

    The same change on the same grounds (case, tool, arguments, evidence) by the same requester is
    a repeat: it attaches to the call while that is open, and gets its outcome afterwards. Only
    what was denied at once is decided anew: nobody was asked and nothing ran. To do exactly the
    same a second time takes a ``key`` that was not used for it before. Reads change nothing and
    are always new. Must not be called inside a transaction.

    Args:
        actor: Who proposes.
        case: The case.
        request: What is proposed, without a key of its own.
        key: Tells deliberate repetitions of the same change apart; empty for the first.
        read_clock: Tells the time.

    Raises:
        InvalidInputError: The tool, its arguments, the step or the evidence is not acceptable.
        NotPermittedError: The actor may not propose on this case.
        ConflictError: The case or the step stands where this cannot be done.
    """
    tool = get_tool(name=request.tool)
    if tool.effect == Effect.READ:
        call = propose_tool_call(actor=actor, case=case, request=request, read_clock=read_clock)
        return Answered(call, is_repeat=False)
    before = None if key else _before(actor, case, tool, request)
    if before is not None and before.state != CallState.DENIED:
        # What became of it is told to whoever might still propose it.
        authority = authority_of(actor)
        require(authority=authority, capability=Capability.TOOL_PROPOSE, queue_id=case.queue_id)
        require_tool(authority=authority, tool=request.tool)
        return Answered(before, is_repeat=True)
    keyed = replace(request, request_key=_request_key(actor, case, request, key, before))
    now = read_clock()
    call = propose_tool_call(actor=actor, case=case, request=keyed, read_clock=read_clock)
    return Answered(call, is_repeat=call.created_at < now)


def _before(
    actor: Actor, case: Case, tool: ToolDefinition, request: ProposalRequest
) -> ToolCall | None:
    found = find_alike(
        case_id=case.pk,
        tool_id=tool.pk,
        arguments_digest=arguments_digest(request.arguments),
        requester_id=actor.id,
        evidence=request.evidence,
    )
    if found is None or found.state != CallState.CANCELLED:
        return found
    return find_latest_replacement(found) or found


def _request_key(
    actor: Actor, case: Case, request: ProposalRequest, key: str, before: ToolCall | None
) -> str:
    """Return what two of the same at once share, so that one of them attaches to the other."""
    return canonical.digest(
        _DOMAIN,
        {
            "arguments": arguments_digest(request.arguments),
            "case": str(case.public_id),
            "denied_before": str(before.public_id) if before else "",
            "evidence": sorted(set(request.evidence)),
            "key": key,
            "requester": actor.id,
            "tool": request.tool,
        },
    )
