"""Each method of the protocol to one call of a service or selector."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException
from rest_framework.utils.encoders import JSONEncoder

from cases.api.bodies import proposal_of
from cases.journeys import services as journeys
from cases.tools import selectors as tools
from cases.tools.models import ToolCall, ToolDefinition
from cases.tools.types import CallState
from governance.access.selectors import require
from governance.access.types import Capability
from governance.api.inputs import valid_value
from governance.api.permissions import wait_while_active
from governance.ledger.refusals import Refusal
from orchestra.api.errors import REFUSED_ACTS, describe, record_refused_act
from orchestra.core import clock
from orchestra.core.errors import ConflictError, NotFoundError, OrchestraError
from orchestra.mcp import outcomes, protocol
from orchestra.mcp.catalogue import KEPT_MS, find_registered, page_of_tools
from orchestra.mcp.once import once
from orchestra.mcp.own import BY_NAME
from orchestra.mcp.own_types import Caller, OwnTool
from orchestra.mcp.prompts import get_prompt, page_of_prompts
from orchestra.mcp.protocol import Envelope, Message, ProtocolError
from orchestra.mcp.resources import page_of_resources, read_resource, templates_for
from orchestra.mcp.shapes import GovernedIn

Json = Any
Handler = Callable[[Caller, Envelope, Message], dict[str, Json]]

SERVER: Final = {"name": "orchestra", "title": "Orchestra", "version": "1"}
#: Seconds an answer is held by itself for what was allowed and runs.
RUN_SECONDS: Final = 10.0
#: How long a client may keep what the server says of itself.
DISCOVERED_MS: Final = 3_600_000
_OFFERED: Final[Mapping[str, Json]] = {"tools": {}, "resources": {}, "prompts": {}}
#: What is not offered at all, and what serves instead.
_INSTEAD: Final = {
    "resources/subscribe": "Nothing is pushed here; read the resource again.",
    "resources/unsubscribe": "Nothing is pushed here; read the resource again.",
    "subscriptions/listen": "Nothing is pushed here; ask again, with wait_seconds.",
}


def handle(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    """Return the result of a request.

    Raises:
        ProtocolError: There is no such method in this revision, or its parameters are wrong.
    """
    handlers = _STATELESS if envelope.is_stateless else _HANDSHAKE
    found = handlers.get(message.method)
    if found is None:
        said = _INSTEAD.get(message.method) or (
            f"There is no method {message.method[:100]} in the revision {envelope.revision}."
        )
        raise ProtocolError(protocol.UNKNOWN_METHOD, said)
    return found(caller, envelope, message)


def instructions() -> str:
    """Return how an AI agent works with all this, in words for it."""
    return _(
        "Orchestra keeps customers' cases. Open or find the case first, read its timeline, and "
        "ask for the next step. A tool of a system of record takes the id of the case and its own "
        "arguments; the policy decides, and a person may have to approve what it changes. Look at "
        "outcome: only succeeded means that it was done. Record what you and the customer say, "
        "and hand the case to a person where you may not go on."
    )


def _discover(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    del caller, envelope, message
    return {
        "supportedVersions": list(protocol.SUPPORTED),
        "capabilities": {**_OFFERED, "extensions": {protocol.TASKS: {}}},
        "instructions": instructions(),
        "ttlMs": DISCOVERED_MS,
        "cacheScope": "private",
    }


def _initialize(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    del caller, envelope
    protocol.text_param(message, "protocolVersion")
    return {
        "protocolVersion": protocol.HANDSHAKE,
        "capabilities": dict(_OFFERED),
        "serverInfo": SERVER,
        "instructions": instructions(),
    }


def _ping(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    del caller, envelope, message
    return {}


def _list_tools(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    return _kept(envelope, page_of_tools(caller, _cursor(message)))


def _list_resources(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    return _kept(envelope, page_of_resources(caller, _cursor(message)))


def _list_templates(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    _cursor(message)
    return _kept(envelope, {"resourceTemplates": templates_for(caller)})


def _read_resource(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    found = read_resource(caller, protocol.text_param(message, "uri"))
    # It may be another one at any moment: a case goes on, an article is published.
    return _kept(envelope, found, ms=0)


def _list_prompts(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    return _kept(envelope, page_of_prompts(caller, _cursor(message)))


def _get_prompt(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    del envelope
    name = protocol.text_param(message, "name")
    if message.params.get("arguments"):
        # A prompt names no case: what is read of one is read with a tool, and recorded.
        raise ProtocolError(protocol.INVALID_PARAMS, "This prompt takes no arguments.")
    return get_prompt(caller, name)


def _cursor(message: Message) -> str | None:
    cursor = message.params.get("cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise ProtocolError(protocol.INVALID_PARAMS, "The cursor is a text.")
    return cursor


def _kept(envelope: Envelope, found: dict[str, Json], *, ms: int = KEPT_MS) -> dict[str, Json]:
    return {**found, "ttlMs": ms, "cacheScope": "private"} if envelope.is_stateless else found


def _call_tool(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    name = protocol.text_param(message, "name")
    arguments = message.params.get("arguments", {})
    if not isinstance(arguments, Mapping):
        raise ProtocolError(protocol.INVALID_PARAMS, "Send the arguments as an object, by name.")
    own = BY_NAME.get(name)
    if own is not None:
        return _call_own(caller, own, arguments)
    tool = find_registered(name)
    if tool is None:
        raise ProtocolError(
            protocol.INVALID_PARAMS, f"There is no tool {name[:100]}; ask for the list of tools."
        )
    return _call_governed(caller, envelope, tool, arguments)


def _call_own(caller: Caller, own: OwnTool, arguments: Mapping[str, Json]) -> dict[str, Json]:
    try:
        require(authority=caller.authority, capability=own.capability)
        found = _done(caller, own, valid_value(own.takes, arguments), arguments)
    except (OrchestraError, APIException) as error:
        problem = _problem(error)
        if own.act:
            _record(caller, own.act, error, arguments)
        return as_result({"error": problem}, is_error=True)
    return as_result(found)


def _done(
    caller: Caller, own: OwnTool, body: Mapping[str, Json], arguments: Mapping[str, Json]
) -> dict[str, Json]:
    key = body.get("idempotency_key")
    if key is None:
        return own.run(caller, body)
    if "case_id" in body:
        # Before a first answer is given again, it is asked again who may have it.
        queue_id = caller.case(body["case_id"]).queue_id
        require(authority=caller.authority, capability=own.capability, queue_id=queue_id)
    return once(
        agent_id=caller.actor.id,
        tool=own.name,
        key=key,
        arguments=arguments,
        run=lambda: own.run(caller, body),
    )


def _call_governed(
    caller: Caller, envelope: Envelope, tool: ToolDefinition, arguments: Mapping[str, Json]
) -> dict[str, Json]:
    try:
        require(authority=caller.authority, capability=Capability.TOOL_PROPOSE)
        body = valid_value(GovernedIn, arguments)
        answered = journeys.propose_once(
            actor=caller.actor,
            case=caller.case(body["case_id"]),
            request=proposal_of(body, tool=tool.name),
            key=body.get("idempotency_key", ""),
        )
        call = _held(caller, answered.call, body.get("wait_seconds"))
    except (OrchestraError, APIException) as error:
        problem = _problem(error)
        _record(caller, "tool_call.propose", error, arguments)
        refused = {"outcome": "refused", "message": problem["detail"], "error": problem}
        return as_result(refused, is_error=True)
    if envelope.takes_tasks and CallState(call.state) in outcomes.ENDS_ALONE:
        return {"resultType": "task", **outcomes.task_of(answered.call, call)}
    return as_result(
        outcomes.outcome_of(call, is_repeat=answered.is_repeat), is_error=outcomes.is_error(call)
    )


def _held(caller: Caller, call: ToolCall, seconds: float | None) -> ToolCall:
    """Return a call as it stands, after a while where it runs or where the caller asks for it."""
    ends = CallState(call.state).is_terminal
    if ends or (seconds is None and CallState(call.state) not in outcomes.RUNNING):
        return outcomes.as_it_stands(call)

    def until(found: ToolCall) -> bool:
        state = CallState(found.state)
        return state.is_terminal or (seconds is None and state not in outcomes.RUNNING)

    return wait_while_active(
        caller.actor,
        lambda: outcomes.as_it_stands(tools.call_by_pk(call.pk)),
        until=until,
        seconds=RUN_SECONDS if seconds is None else seconds,
    )


def _own_task(caller: Caller, envelope: Envelope, message: Message) -> ToolCall:
    protocol.require_tasks(envelope)
    try:
        return tools.get_own_call(
            authority=caller.authority, call_id=_as_id(protocol.text_param(message, "taskId"))
        )
    except NotFoundError as error:
        raise ProtocolError(
            protocol.INVALID_PARAMS, "There is no such task, or it is not yours."
        ) from error


def _as_id(text: Json) -> str:
    """Return an id written as we write them; another way of writing one is no id of ours."""
    try:
        return text if isinstance(text, str) and str(UUID(text)) == text else ""
    except ValueError:
        return ""


def _get_task(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    proposed = _own_task(caller, envelope, message)
    call = outcomes.as_it_stands(proposed)
    task = outcomes.task_of(proposed, call)
    if task["status"] == "completed":
        result = as_result(outcomes.outcome_of(call), is_error=outcomes.is_error(call))
        task["result"] = {"resultType": "complete", **result}
    return task


def _cancel_task(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    call = outcomes.as_it_stands(_own_task(caller, envelope, message))
    try:
        journeys.cancel_tool_call(actor=caller.actor, now=clock.now(), call_id=call.public_id)
    except ConflictError as error:
        # It has begun or ended: the wish is noted, and the task says what became of it.
        _record(caller, "tool_call.cancel", error, {"tool_call_id": str(call.public_id)})
    return {}


def _update_task(caller: Caller, envelope: Envelope, message: Message) -> dict[str, Json]:
    # No task here ever asks its client for anything, so no answer is outstanding.
    _own_task(caller, envelope, message)
    return {}


_BOTH: Final[Mapping[str, Handler]] = {
    "tools/list": _list_tools,
    "tools/call": _call_tool,
    "resources/list": _list_resources,
    "resources/templates/list": _list_templates,
    "resources/read": _read_resource,
    "prompts/list": _list_prompts,
    "prompts/get": _get_prompt,
}
_HANDSHAKE: Final[Mapping[str, Handler]] = {**_BOTH, "initialize": _initialize, "ping": _ping}
_STATELESS: Final[Mapping[str, Handler]] = {
    **_BOTH,
    "server/discover": _discover,
    "tasks/get": _get_task,
    "tasks/cancel": _cancel_task,
    "tasks/update": _update_task,
}
#: Every name a method may have in a line of the log.
METHODS: Final = frozenset({*_HANDSHAKE, *_STATELESS})


def as_result(found: Mapping[str, Json], *, is_error: bool = False) -> dict[str, Json]:
    """Return a value as the result of a tool: structured, and the same JSON as text."""
    text = json.dumps(found, cls=JSONEncoder, ensure_ascii=False, allow_nan=False)
    return {
        "content": [{"type": "text", "text": text}],
        "structuredContent": json.loads(text),
        "isError": is_error,
    }


def _problem(error: OrchestraError | APIException) -> dict[str, Json]:
    body, _headers = describe(error)
    assert body is not None  # noqa: S101  both families are described
    shown = {name: body[name] for name in ("code", "detail", "errors")}
    return {**shown, "data": body["data"]} if "data" in body else shown


def _record(
    caller: Caller, act: str, error: OrchestraError | APIException, arguments: Mapping[str, Json]
) -> None:
    if not isinstance(error, REFUSED_ACTS):
        return
    case_id, call_id = (_as_id(arguments.get(name)) for name in ("case_id", "tool_call_id"))
    record_refused_act(
        actor=caller.actor,
        refusal=Refusal(
            act=f"MCP {act}",
            code=error.error_code,
            message=error.message,
            case_id=_case_in_reach(caller, case_id, call_id),
            subject_id=case_id or call_id,
        ),
    )


def _case_in_reach(caller: Caller, case_id: str, call_id: str) -> str:
    """Return the public id of the case an act was on, where the caller may see it."""
    try:
        if case_id:
            return str(caller.case(case_id).public_id)
        if call_id:
            call = tools.get_own_call(authority=caller.authority, call_id=call_id)
            return str(call.case.public_id)
    except OrchestraError:
        return ""
    return ""
