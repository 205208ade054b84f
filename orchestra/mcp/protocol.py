"""JSON-RPC messages of the Model Context Protocol, in and out; pure.

Two revisions are spoken on one address. The stateless one carries its version, the client's
capabilities and a trace with every request; the one before it begins with a handshake, of which
nothing is kept, because every answer depends on the bearer token alone.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NoReturn

from orchestra.core import canonical
from orchestra.core.errors import InvalidInputError

Json = Any

STATELESS: Final = "2026-07-28"
HANDSHAKE: Final = "2025-11-25"
#: The newest first.
SUPPORTED: Final = (STATELESS, HANDSHAKE)
TASKS: Final = "io.modelcontextprotocol/tasks"

VERSION_HEADER: Final = "mcp-protocol-version"
METHOD_HEADER: Final = "mcp-method"
NAME_HEADER: Final = "mcp-name"
TRACE_HEADER: Final = "traceparent"
HEADERS: Final = (VERSION_HEADER, METHOD_HEADER, NAME_HEADER, TRACE_HEADER)

_META: Final = "io.modelcontextprotocol/"
VERSION_KEY: Final = f"{_META}protocolVersion"
CAPABILITIES_KEY: Final = f"{_META}clientCapabilities"
CLIENT_KEY: Final = f"{_META}clientInfo"
SERVER_KEY: Final = f"{_META}serverInfo"

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
UNKNOWN_METHOD: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
#: Ours, from the range that the protocol leaves to servers.
NOT_AUTHENTICATED: Final = -32010
HEADER_MISMATCH: Final = -32020
MISSING_CAPABILITY: Final = -32021
UNSUPPORTED_VERSION: Final = -32022

#: HTTP status of an error that says none itself.
_STATUS: Final = MappingProxyType(
    {
        NOT_AUTHENTICATED: 401,
        UNKNOWN_METHOD: 404,
        INTERNAL_ERROR: 500,
    }
)
_BAD_REQUEST: Final = 400
_OK: Final = 200
#: What the handshake revision answers with 200: to its clients a 404 is a session that ended.
_TOLD_IN_BODY: Final = frozenset({UNKNOWN_METHOD, INVALID_PARAMS})

#: Which parameter the name in the header repeats.
NAMED_BY: Final = MappingProxyType(
    {
        "tools/call": "name",
        "prompts/get": "name",
        "resources/read": "uri",
        "tasks/get": "taskId",
        "tasks/cancel": "taskId",
        "tasks/update": "taskId",
    }
)
#: No arguments of a tool are nested like this.
MOST_DEEP: Final = 64
_MOST_ID_CHARACTERS: Final = 256

_BASE64: Final = re.compile(r"=\?base64\?([A-Za-z0-9+/=]*)\?=")
#: Source: W3C Trace Context, section 3.2, version 00.
_TRACE: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_NO_TRACE: Final = ("0" * 32, "0" * 16)


class ProtocolError(Exception):
    """A request that is answered with an error of the protocol.

    Attributes:
        code: Number of the error.
        message: What is wrong and what to do, safe to show.
        data: Named values for machines; None for none.
        status: HTTP status.
        headers: HTTP headers of the answer.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        data: Json = None,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.status = _STATUS.get(code, _BAD_REQUEST) if status is None else status
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Message:
    """One request or notification.

    Attributes:
        id: What the answer is told apart by; None for a notification.
        params: The parameters, empty where there are none.
    """

    id: int | str | None
    method: str
    params: Mapping[str, Json] = field(default_factory=dict)

    @property
    def is_notification(self) -> bool:
        """Whether nobody waits for an answer."""
        return self.id is None


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a message is spoken.

    Attributes:
        revision: The revision of the protocol, one of ``SUPPORTED``.
        capabilities: What the client says it can do; empty for the handshake revision.
        trace_id: 32 hex digits of the caller's trace; empty for none.
    """

    revision: str
    capabilities: Mapping[str, Json] = field(default_factory=dict)
    trace_id: str = ""

    @property
    def is_stateless(self) -> bool:
        """Whether it is the revision without a handshake."""
        return self.revision == STATELESS

    @property
    def takes_tasks(self) -> bool:
        """Whether the client said, with this very request, that it can wait for a task."""
        extensions = self.capabilities.get("extensions")
        return self.is_stateless and isinstance(extensions, Mapping) and TASKS in extensions


def read_body(body: bytes) -> Json:
    """Return the JSON value of a body.

    Raises:
        ProtocolError: It is no JSON, means two things to two readers, or is nested deeper than
            any arguments are.
    """
    try:
        value = canonical.loads_strict(body)
    except InvalidInputError as error:
        raise ProtocolError(PARSE_ERROR, f"The body cannot be read: {error.message}.") from error
    if _is_deeper(value, MOST_DEEP):
        raise ProtocolError(
            PARSE_ERROR, f"The body is nested deeper than {MOST_DEEP} levels; send it flatter."
        )
    return value


def _is_deeper(value: Json, most: int) -> bool:
    if isinstance(value, Mapping):
        return most == 0 or any(_is_deeper(item, most - 1) for item in value.values())
    if isinstance(value, list):
        return most == 0 or any(_is_deeper(item, most - 1) for item in value)
    return False


def id_of(value: Json) -> int | str | None:
    """Return the id of what may be a message, None where it has none that can be answered."""
    found = value.get("id") if isinstance(value, Mapping) else None
    return found if _is_id(found) else None


def _is_id(value: Json) -> bool:
    if isinstance(value, str):
        return len(value) <= _MOST_ID_CHARACTERS
    return isinstance(value, int) and not isinstance(value, bool)


def read_message(value: Json) -> Message:
    """Return the one message of a body.

    Members that JSON-RPC does not know are passed over, as it asks for.

    Raises:
        ProtocolError: It is a batch, a response, or no message at all.
    """
    if isinstance(value, list):
        _refuse("Send one message in a request; batches are not part of this protocol.")
    if not isinstance(value, Mapping) or value.get("jsonrpc") != "2.0":
        _refuse('Send a JSON object with "jsonrpc": "2.0".')
    if "result" in value or "error" in value:
        _refuse("Send requests and notifications; nothing here waits for a response.")
    method = value.get("method")
    if not isinstance(method, str) or not method:
        _refuse("Name the method as a text.")
    if "id" in value and not _is_id(value["id"]):
        _refuse(f"The id is a whole number or a text of at most {_MOST_ID_CHARACTERS} characters.")
    params = value.get("params", {})
    if not isinstance(params, Mapping):
        raise ProtocolError(INVALID_PARAMS, "Send the parameters as an object, by name.")
    return Message(id=value.get("id"), method=method, params=params)


def _refuse(message: str) -> NoReturn:
    raise ProtocolError(INVALID_REQUEST, message)


def read_envelope(message: Message, headers: Mapping[str, str]) -> Envelope:
    """Return how a message is spoken, its headers compared with its body.

    Args:
        message: The message.
        headers: Those of ``HEADERS`` that were sent, by lower-case name.

    Raises:
        ProtocolError: The two disagree, something is missing, or the revision is not spoken here.
    """
    meta = message.params.get("_meta", {})
    if not isinstance(meta, Mapping):
        raise ProtocolError(INVALID_PARAMS, "_meta is an object.")
    revision = _revision(message, headers, meta)
    _compare_names(message, headers, is_required=revision == STATELESS)
    if revision == HANDSHAKE or message.is_notification:
        return Envelope(revision=revision, trace_id=_trace(headers, meta))
    for key in (VERSION_KEY, CAPABILITIES_KEY):
        if key not in meta:
            raise ProtocolError(INVALID_PARAMS, f"Send {key} in _meta with every request.")
    for key in (CAPABILITIES_KEY, CLIENT_KEY):
        if not isinstance(meta.get(key, {}), Mapping):
            raise ProtocolError(INVALID_PARAMS, f"{key} is an object.")
    return Envelope(
        revision=revision,
        capabilities=meta[CAPABILITIES_KEY],
        trace_id=_trace(headers, meta),
    )


def _revision(message: Message, headers: Mapping[str, str], meta: Mapping[str, Json]) -> str:
    header, declared = headers.get(VERSION_HEADER), meta.get(VERSION_KEY)
    if message.method == "initialize" and STATELESS not in (header, declared):
        # The handshake names its revision in its parameters, and settles on ours.
        return HANDSHAKE
    if header is None:
        raise ProtocolError(
            HEADER_MISMATCH,
            f"Send the header MCP-Protocol-Version: {STATELESS}, or begin with initialize.",
        )
    if VERSION_KEY in meta and declared != header:
        raise ProtocolError(
            HEADER_MISMATCH,
            f"The header MCP-Protocol-Version and {VERSION_KEY} in _meta must say the same.",
        )
    if header not in SUPPORTED:
        raise ProtocolError(
            UNSUPPORTED_VERSION,
            "This revision of the protocol is not spoken here; take one of those in data.",
            data={"supported": list(SUPPORTED), "requested": header[:100]},
        )
    return header


def _compare_names(message: Message, headers: Mapping[str, str], *, is_required: bool) -> None:
    """Refuse headers that say something else than the body, to whoever routes by them.

    Where they are not required they are still not allowed to differ.
    """
    is_required = is_required and not message.is_notification
    method = headers.get(METHOD_HEADER)
    if (method is not None or is_required) and method != message.method:
        raise ProtocolError(
            HEADER_MISMATCH, "The header Mcp-Method must name the method of the body."
        )
    named_by = NAMED_BY.get(message.method)
    name = headers.get(NAME_HEADER)
    wanted = message.params.get(named_by) if named_by else None
    if (name is not None or is_required) and _decoded(name) != wanted:
        raise ProtocolError(
            HEADER_MISMATCH,
            f"The header Mcp-Name must repeat {named_by} of the body."
            if named_by
            else f"{message.method[:100]} takes no header Mcp-Name.",
        )


def _decoded(header: str | None) -> str | None:
    """Return the text of a header that may be written in base64, None where it is broken."""
    match = _BASE64.fullmatch(header) if header is not None else None
    if match is None:
        return header
    try:
        data = base64.b64decode(match[1], validate=True)
        text = data.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    # Other bits behind the end would be a second way to write one name.
    return text if base64.b64encode(data).decode("ascii") == match[1] else None


def _trace(headers: Mapping[str, str], meta: Mapping[str, Json]) -> str:
    """Return the trace a request belongs to; one that is no trace is passed over, as W3C asks."""
    for found in (meta.get(TRACE_HEADER), headers.get(TRACE_HEADER)):
        match = _TRACE.fullmatch(found) if isinstance(found, str) else None
        if match is not None and match[1] != _NO_TRACE[0] and match[2] != _NO_TRACE[1]:
            return match[1]
    return ""


def require_tasks(envelope: Envelope) -> None:
    """Refuse a client that asks for tasks and did not say that it knows them.

    Raises:
        ProtocolError: With what the client has to declare.
    """
    if not envelope.takes_tasks:
        raise ProtocolError(
            MISSING_CAPABILITY,
            f"Declare {TASKS} under {CAPABILITIES_KEY} with this request.",
            data={"requiredCapabilities": {"extensions": {TASKS: {}}}},
        )


def text_param(message: Message, name: str) -> str:
    """Return a parameter that is a text.

    Raises:
        ProtocolError: It is missing, or no text.
    """
    value = message.params.get(name)
    if not isinstance(value, str) or not value:
        raise ProtocolError(INVALID_PARAMS, f"{message.method} needs {name}, a text.")
    return value


def answer(
    *, message: Message, envelope: Envelope, result: Mapping[str, Json], server: Mapping[str, Json]
) -> dict[str, Json]:
    """Return the body of an answer in the shape of its revision.

    Args:
        message: The request.
        envelope: How it was spoken.
        result: The result; its ``resultType`` is ``complete`` where it names none.
        server: Name and version of the server.
    """
    shaped = dict(result)
    if envelope.is_stateless:
        shaped = {"resultType": "complete", **shaped, "_meta": {SERVER_KEY: dict(server)}}
    return {"jsonrpc": "2.0", "id": message.id, "result": shaped}


def refusal(*, error: ProtocolError, message_id: int | str | None) -> dict[str, Json]:
    """Return the body of an answer that is an error."""
    told: dict[str, Json] = {"code": error.code, "message": error.message}
    if error.data is not None:
        told["data"] = error.data
    return {"jsonrpc": "2.0", "id": message_id, "error": told}


def status_of(error: ProtocolError, *, is_stateless: bool) -> int:
    """Return the HTTP status of an error of a request that could be understood."""
    return error.status if is_stateless or error.code not in _TOLD_IN_BODY else _OK
