"""How a tool's arguments become a request, where an output schema and limits stand; pure.

``operation`` of a tool behind HTTP is ``{"method": "PUT", "path": "/orders/{order}",
"parameters": {"order_id": {"in": "path", "name": "order"}}}``. Without ``parameters`` every
argument goes into the JSON body. With them each argument says where it goes: ``path``,
``query``, ``header`` or ``body``; a body without a name is the argument itself.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from orchestra.core.errors import FieldError, UpstreamError

Json = Any

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
PLACES: Final = ("path", "query", "header", "body")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_SLOT: Final = re.compile(r"\{([^{}]*)\}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
#: Headers that say who asks, where, and how the message is read; no argument sets them.
RESERVED_HEADERS: Final = frozenset(
    {
        *("accept", "accept-encoding", "authorization", "connection", "content-encoding"),
        *("content-length", "content-type", "cookie", "date", "expect", "forwarded", "host"),
        *("idempotency-key", "keep-alive", "origin", "proxy-authorization", "proxy-connection"),
        *("referer", "te", "trailer", "transfer-encoding", "upgrade", "via", "x-http-method"),
        *("x-http-method-override", "x-method-override", "x-original-url", "x-rewrite-url"),
    }
)
_RESERVED_PREFIXES: Final = ("proxy-", "sec-", "x-forwarded-")
_KEYS: Final = frozenset({"method", "path", "parameters", "name"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it would be sent, without address and authentication.

    Attributes:
        path: Below the connection's address, with its query.
        content: The body; empty for none.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes


def operation_errors(
    operation: Mapping[str, Json], arguments: Mapping[str, Json]
) -> Iterator[FieldError]:
    """Yield what keeps an operation from being called.

    Args:
        operation: As declared.
        arguments: JSON Schema of the arguments.
    """
    for key in sorted(set(operation) - _KEYS):
        message = "is no part of an operation; remove it or correct its spelling"
        yield FieldError(f"operation.{key}", "unknown", message)
    method = operation.get("method", "POST")
    if method not in METHODS:
        yield FieldError("operation.method", "choice", "must be one of " + ", ".join(METHODS))
    path = operation.get("path", "/")
    if not isinstance(path, str) or not _stays_below(path):
        message = "must begin with one / and stay below the connection's address"
        yield FieldError("operation.path", "path", message)
        return
    parameters = operation.get("parameters")
    if parameters is None:
        if _SLOT.search(path):
            message = "has a {name} that no parameter fills; declare parameters"
            yield FieldError("operation.path", "path", message)
        return
    if not isinstance(parameters, Mapping):
        yield FieldError("operation.parameters", "object", "must be an object by argument")
        return
    yield from _parameter_errors(method, path, parameters, arguments)


def _parameter_errors(
    method: Json, path: str, parameters: Mapping[str, Json], arguments: Mapping[str, Json]
) -> Iterator[FieldError]:
    properties, required = arguments.get("properties"), arguments.get("required")
    known = set(properties) if isinstance(properties, Mapping) else set()
    needed = set(required) if isinstance(required, list) else set()
    for name in sorted(known - set(parameters)):
        message = "does not say where it goes: path, query, header or body"
        yield FieldError(f"operation.parameters.{name}", "required", message)
    for name in sorted(set(parameters) - known):
        message = "is no argument of this tool"
        yield FieldError(f"operation.parameters.{name}", "unknown", message)
    for name, place in parameters.items():
        yield from _place_errors(f"operation.parameters.{name}", method, *_place(place))
        if _place(place)[0] == "path" and name not in needed:
            message = "fills the path, so it must be required"
            yield FieldError(f"operation.parameters.{name}", "required", message)
    yield from _meeting(path, [_place(place) for place in parameters.values()])


def _meeting(path: str, places: list[tuple[str, str]]) -> Iterator[FieldError]:
    """Yield what is wrong with all places together."""
    lowered = [(where, called.lower()) for where, called in places]
    for where, called in sorted({one for one in lowered if lowered.count(one) > 1}):
        message = f"two arguments go into the {where} as {called!r}"
        yield FieldError("operation.parameters", "twice", message)
    bodies = [called for where, called in places if where == "body"]
    if "" in bodies and len(bodies) > 1:
        message = "one argument is the whole body, so no other can go into it"
        yield FieldError("operation.parameters", "twice", message)
    if sorted(_SLOT.findall(path)) != sorted(called for where, called in places if where == "path"):
        message = "must name each argument that goes into the path once, as in /orders/{order_id}"
        yield FieldError("operation.path", "path", message)


def _place(place: Json) -> tuple[str, str]:
    if not isinstance(place, Mapping):
        return "", ""
    return str(place.get("in", "")), str(place.get("name", ""))


def _place_errors(field: str, method: Json, where: str, called: str) -> Iterator[FieldError]:
    if where not in PLACES:
        message = "must be {in: path, query, header or body, name: text}"
        yield FieldError(field, "choice", message)
        return
    if where == "header" and (not _HEADER.fullmatch(called) or is_reserved(called)):
        message = "names a header that no argument may set"
        yield FieldError(field, "header", message)
    if where in ("path", "query") and not called:
        yield FieldError(field, "name", "must say under which name it is sent")
    if where == "body" and method in ("GET", "HEAD"):
        yield FieldError(field, "body", "a GET or HEAD carries no body")


def is_reserved(header: str) -> bool:
    """Return whether a header is not an argument's to set."""
    name = header.lower()
    return name in RESERVED_HEADERS or name.startswith(_RESERVED_PREFIXES)


def compose(*, operation: Mapping[str, Json], tool: str, arguments: Mapping[str, Json]) -> Sent:
    """Return the request that an operation makes of arguments; only declared ones are sent.

    Args:
        operation: As declared, valid by ``operation_errors``.
        tool: Name of the tool, which is the path where none is declared.
        arguments: Valid by the tool's schema.

    Raises:
        UpstreamError: The path leads elsewhere, or a value cannot stand where it goes.
    """
    path = str(operation.get("path") or f"/tools/{tool}")
    method = str(operation.get("method", "POST"))
    if not _stays_below(path):
        raise _unsendable(tool, "path", f"The path of {tool} must begin with one / and stay below")
    parameters = operation.get("parameters")
    if not isinstance(parameters, Mapping):
        has_body = method not in ("GET", "HEAD")
        if not has_body and arguments:
            path += "?" + urlencode(
                [pair for item in arguments.items() for pair in _pairs(tool, *item)]
            )
        content = json.dumps(dict(arguments)).encode() if has_body else b""
        return Sent(method, path, {}, content)
    return _placed(method, path, parameters, tool, arguments)


def _placed(
    method: str,
    path: str,
    parameters: Mapping[str, Json],
    tool: str,
    arguments: Mapping[str, Json],
) -> Sent:
    slots: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    body: Json = None
    has_body = False
    for name, place in sorted(parameters.items()):
        if name not in arguments:
            continue
        where, called = _place(place)
        value = arguments[name]
        if where == "path":
            slots[called] = _segment(tool, name, value)
        elif where == "query":
            query += _pairs(tool, called, value)
        elif where == "header":
            headers[called] = _header(tool, name, value)
        else:
            has_body = True
            body = value if not called else {**(body or {}), called: value}
    filled = _SLOT.sub(lambda slot: _slot(tool, slots, slot[1]), path)
    if query:
        filled += "?" + urlencode(query)
    wants_body = has_body or any(_place(place)[0] == "body" for place in parameters.values())
    content = json.dumps({} if body is None and not has_body else body).encode()
    return Sent(method, filled, headers, content if wants_body else b"")


def _slot(tool: str, slots: Mapping[str, str], name: str) -> str:
    if name not in slots:
        raise _unsendable(tool, name, f"{name} is missing, and the path of {tool} needs it")
    return slots[name]


def _segment(tool: str, name: str, value: Json) -> str:
    text = _scalar(tool, name, value)
    # A server may decode more than once, and take what comes out for a way up or down.
    if _is_way(text) or _is_way(unquote(text)) or _is_way(unquote(unquote(text))):
        message = f"{name} must be one plain part of an address; it cannot be {text[:40]!r}"
        raise _unsendable(tool, name, message)
    return quote(text, safe="")


def _is_way(text: str) -> bool:
    return text in ("", ".", "..") or bool(_CONTROL.search(text)) or bool({"/", "\\"} & set(text))


def _pairs(tool: str, name: str, value: Json) -> list[tuple[str, str]]:
    values = value if isinstance(value, list) else [value]
    return [(name, _scalar(tool, name, one)) for one in values]


def _header(tool: str, name: str, value: Json) -> str:
    text = _scalar(tool, name, value)
    if _CONTROL.search(text) or not text.isascii():
        message = f"{name} goes into a header, so it must be plain text on one line"
        raise _unsendable(tool, name, message)
    return text


def _scalar(tool: str, name: str, value: Json) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, (int, float)):
        return repr(value)
    raise _unsendable(tool, name, f"{name} must be a single value where it goes")


def _stays_below(path: str) -> bool:
    if not path.startswith("/") or path.startswith("//") or not path.isascii():
        return False
    if any(character in path for character in "\\?#@ %") or _CONTROL.search(path):
        return False
    return not {".", ".."} & set(path.split("/"))


def _unsendable(tool: str, name: str, message: str) -> UpstreamError:
    return UpstreamError(
        f"{message}. Nothing was sent.",
        may_retry=False,
        code="upstream.path" if name == "path" else "upstream.argument",
        data={"tool": tool, "argument": name},
    )
