"""Tools behind an upstream MCP server over streamable HTTP, through ``core.outbound``.

Source: the Model Context Protocol, revision 2025-11-25, transports and tools.
"""

import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.calling import ask, spec_of_endpoint
from cases.tools.connecting import ConnectionSpec
from cases.tools.operations import Sent
from cases.tools.types import AdapterAnswer, AdapterRequest, ConnectionKind
from orchestra.core import canonical, outbound
from orchestra.core.errors import InvalidInputError, UpstreamError

Json = Any

REVISIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26")
MAX_PAGES: Final = 20
_OK: Final = range(200, 300)
_LATER: Final = frozenset({429, 503})
_CLIENT_ERRORS: Final = range(400, 500)
_GONE: Final = 404
#: Errors of JSON-RPC that are found before anything is done.
_BEFORE: Final = frozenset({-32700, -32600, -32601, -32602})
_MAX_REASON: Final = 500
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Session:
    """What a server said as it was greeted.

    Attributes:
        id: Its name of the session; empty where it keeps none.
        revision: Revision of the protocol that it speaks.
        title: What it calls itself.
    """

    id: str
    revision: str
    title: str = ""


_sessions: dict[ConnectionSpec, Session] = {}
_lock = threading.Lock()


def forget_sessions() -> None:
    """Forget every session of this process."""
    with _lock:
        _sessions.clear()


class McpAdapter:
    """Calls a tool of an upstream server; what it answers is data, and no instruction.

    ``isError`` is the system's business refusal. An error of the protocol that is found before
    anything is done is a plain failure; any other leaves open what was done.
    """

    def call(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer:
        """See ``ToolAdapter.call``."""
        spec = spec_of_endpoint(endpoint, ConnectionKind.MCP)
        params: dict[str, Json] = {
            "name": str(request.operation.get("name") or request.tool),
            "arguments": dict(request.arguments),
        }
        found = _exchange(
            spec,
            "tools/call",
            params,
            key=request.idempotency_key,
            timeout_seconds=request.timeout_seconds,
        )
        return _answer(spec, found)

    def lookup(self, endpoint: Endpoint, request: AdapterRequest) -> AdapterAnswer | None:
        """Refuse: the protocol knows no way to ask what became of a call."""
        del request
        raise UpstreamError(
            f"{endpoint.key} cannot be asked what became of a call.",
            may_retry=False,
            code="upstream.no_lookup",
        )


def list_tools(spec: ConnectionSpec, *, timeout_seconds: float = 20.0) -> tuple[str, list[Json]]:
    """Return what a server calls itself and the entries of its ``tools/list``.

    Raises:
        UpstreamError: It did not answer, or not by the protocol.
    """
    found: list[Json] = []
    cursor: Json = None
    for _page in range(MAX_PAGES):
        params = {} if cursor is None else {"cursor": cursor}
        answer = _exchange(spec, "tools/list", params, key="", timeout_seconds=timeout_seconds)
        tools = answer.result.get("tools")
        if not isinstance(tools, list):
            raise _no_protocol(spec, sent=False)
        found += tools
        cursor = answer.result.get("nextCursor")
        if not isinstance(cursor, str) or not cursor:
            return _session(spec, timeout_seconds).title, found
    raise UpstreamError(
        f"{spec.key} lists its tools on more than {MAX_PAGES} pages.",
        may_retry=False,
        code="upstream.too_many",
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """The answer to one request: the bytes as received, and the result in them."""

    body: bytes
    status: int
    result: Mapping[str, Json]


def _exchange(
    spec: ConnectionSpec,
    method: str,
    params: Mapping[str, Json],
    *,
    key: str,
    timeout_seconds: float,
) -> _Found:
    session = _session(spec, timeout_seconds)
    number, sent = _request(method, params, session, key)
    answer = ask(spec, sent, timeout_seconds=timeout_seconds, repeat=not key)
    if answer.status == _GONE and session.id:
        # The session ended: nothing was done, and a new one is begun.
        _forget(spec)
        number, sent = _request(method, params, _session(spec, timeout_seconds), key)
        answer = ask(spec, sent, timeout_seconds=timeout_seconds, repeat=not key)
    return _result(spec, answer, number)


def _request(
    method: str, params: Mapping[str, Json], session: Session, key: str
) -> tuple[int, Sent]:
    number = next(_numbers)
    body = {"jsonrpc": "2.0", "id": number, "method": method, "params": dict(params)}
    keyed = {"Idempotency-Key": key} if key else {}
    return number, Sent("POST", "", {**_headers(session), **keyed}, json.dumps(body).encode())


def _headers(session: Session | None) -> dict[str, str]:
    found = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    if session is not None:
        found["MCP-Protocol-Version"] = session.revision
        if session.id:
            found["Mcp-Session-Id"] = session.id
    return found


def _session(spec: ConnectionSpec, timeout_seconds: float) -> Session:
    with _lock:
        found = _sessions.get(spec)
    if found is None:
        found = _greet(spec, timeout_seconds)
        with _lock:
            _sessions[spec] = found
    return found


def _forget(spec: ConnectionSpec) -> None:
    with _lock:
        _sessions.pop(spec, None)


def _greet(spec: ConnectionSpec, timeout_seconds: float) -> Session:
    """Begin a session; whatever goes wrong here, no tool was called."""
    number = next(_numbers)
    params = {
        "protocolVersion": REVISIONS[0],
        "capabilities": {},
        "clientInfo": {"name": "orchestra", "version": "1"},
    }
    body = {"jsonrpc": "2.0", "id": number, "method": "initialize", "params": params}
    try:
        answer = _post(spec, body, None, timeout_seconds)
        result = _result(spec, answer, number).result
        session = _read_session(spec, answer, result)
        told = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        _post(spec, told, session, timeout_seconds)
    except UpstreamError as error:
        raise UpstreamError(
            f"{spec.key} did not begin a session: {error.message} No tool was called.",
            may_retry=True,
            code="upstream.no_session",
            data=error.data,
        ) from error
    return session


def _post(
    spec: ConnectionSpec, body: Mapping[str, Json], session: Session | None, timeout_seconds: float
) -> outbound.OutboundAnswer:
    sent = Sent("POST", "", _headers(session), json.dumps(body).encode())
    return ask(spec, sent, timeout_seconds=timeout_seconds, repeat=True)


def _read_session(
    spec: ConnectionSpec, answer: outbound.OutboundAnswer, result: Mapping[str, Json]
) -> Session:
    revision = result.get("protocolVersion")
    if revision not in REVISIONS:
        raise UpstreamError(
            f"it speaks a revision of the protocol that is not known here ({str(revision)[:40]}).",
            may_retry=False,
            code="upstream.revision",
        )
    name = answer.headers.get("mcp-session-id", "")
    if not name.isascii() or not name.isprintable() or len(name) > _MAX_REASON:
        raise _no_protocol(spec, sent=False)
    info = result.get("serverInfo")
    title = str(info.get("title") or info.get("name") or "") if isinstance(info, Mapping) else ""
    return Session(name, str(revision), title)


def _result(spec: ConnectionSpec, answer: outbound.OutboundAnswer, number: int) -> _Found:
    if answer.status not in _OK:
        raise _failure(spec, answer.status)
    message = next((one for one in _messages(spec, answer) if _answers(one, number)), None)
    if message is None:
        raise _no_protocol(spec, sent=True)
    error = message.get("error")
    if isinstance(error, Mapping):
        raise _protocol_error(spec, error)
    result = message.get("result")
    if not isinstance(result, Mapping):
        raise _no_protocol(spec, sent=True)
    return _Found(answer.body, answer.status, result)


def _answers(message: Json, number: int) -> bool:
    if not isinstance(message, Mapping) or isinstance(message.get("id"), bool):
        return False
    return message.get("id") == number and ("result" in message or "error" in message)


def _messages(spec: ConnectionSpec, answer: outbound.OutboundAnswer) -> Iterator[Json]:
    """Yield the messages of an answer, which is one JSON value or a stream of events."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    texts = list(_events(answer.body)) if kind == "text/event-stream" else [answer.body]
    for text in texts:
        try:
            yield canonical.loads_strict(text)
        except InvalidInputError as error:
            raise _no_protocol(spec, sent=True) from error


def _events(body: bytes) -> Iterator[bytes]:
    """Yield the data of each event.

    Source: the WHATWG HTML standard, server-sent events, interpretation of a stream.
    """
    lines: list[bytes] = []
    for line in [*body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), b""]:
        if line.startswith(b"data:"):
            lines.append(line.removeprefix(b"data:").removeprefix(b" "))
        elif not line and lines:
            yield b"\n".join(lines)
            lines = []


def _answer(spec: ConnectionSpec, found: _Found) -> AdapterAnswer:
    result = found.result
    texts = [
        str(part.get("text", ""))
        for part in result.get("content") or []
        if isinstance(part, Mapping) and part.get("type") == "text"
    ]
    if result.get("isError") is True:
        reason = " ".join(texts)[:_MAX_REASON] or "refused without a reason"
        return AdapterAnswer(ok=False, body=found.body, value=reason, status=found.status)
    if "structuredContent" in result:
        value = result["structuredContent"]
    elif isinstance(result.get("content"), list):
        value = _read_text("\n".join(texts))
    else:
        raise _no_protocol(spec, sent=True)
    return AdapterAnswer(ok=True, body=found.body, value=value, status=found.status)


def _read_text(text: str) -> Json:
    try:
        return canonical.loads_strict(text)
    except InvalidInputError:
        return text


def _protocol_error(spec: ConnectionSpec, error: Mapping[str, Json]) -> UpstreamError:
    code = error.get("code")
    known = code in _BEFORE
    return UpstreamError(
        f"{spec.key} answered with the error {str(code)[:20]}"
        + (" and did nothing." if known else "; what it did is not known."),
        may_retry=False,
        effect_unknown=not known,
        code="upstream.protocol_error",
        data={"code": code if isinstance(code, int) else 0},
    )


def _no_protocol(spec: ConnectionSpec, *, sent: bool) -> UpstreamError:
    return UpstreamError(
        f"{spec.key} answered, but not by the protocol.",
        may_retry=False,
        effect_unknown=sent,
        code="upstream.no_protocol",
    )


def _failure(spec: ConnectionSpec, status: int) -> UpstreamError:
    later, known = status in _LATER, status in _CLIENT_ERRORS
    words = "asks to come back later" if later else "answered"
    done = "nothing was done" if later or known else "what it did is not known"
    return UpstreamError(
        f"{spec.key} {words} ({status}); {done}.",
        may_retry=later,
        effect_unknown=not (later or known),
        code="upstream.later" if later else "upstream.status",
        data={"status": status},
    )
