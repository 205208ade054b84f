"""Where arguments go, and what never becomes a request."""

from typing import Any
from urllib.parse import unquote

import pytest

from cases.tools.operations import Sent, compose, operation_errors
from orchestra.core.errors import UpstreamError

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string"},
        "note": {"type": "string"},
        "limit": {"type": "integer"},
        "tags": {"type": "array"},
        "trace": {"type": "string"},
    },
    "required": ["order_id"],
}
OPERATION: dict[str, Any] = {
    "method": "PUT",
    "path": "/orders/{order}/notes",
    "parameters": {
        "order_id": {"in": "path", "name": "order"},
        "note": {"in": "body", "name": "text"},
        "limit": {"in": "query", "name": "limit"},
        "tags": {"in": "query", "name": "tag"},
        "trace": {"in": "header", "name": "X-Trace"},
    },
}


def test_each_argument_goes_where_it_is_declared() -> None:
    assert list(operation_errors(OPERATION, SCHEMA)) == []
    arguments = {
        "order_id": "#W 1?&%",
        "note": "late",
        "limit": 3,
        "tags": ["a b", "c&d"],
        "trace": "t1",
    }

    assert compose(operation=OPERATION, tool="x", arguments=arguments) == Sent(
        "PUT",
        "/orders/%23W%201%3F%26%25/notes?limit=3&tag=a+b&tag=c%26d",
        {"X-Trace": "t1"},
        b'{"text": "late"}',
    )


def test_what_is_not_given_or_not_declared_is_not_sent() -> None:
    arguments = {"order_id": "1", "other": "x"}

    assert compose(operation=OPERATION, tool="x", arguments=arguments) == Sent(
        "PUT", "/orders/1/notes", {}, b"{}"
    )


def test_one_argument_can_be_the_whole_body() -> None:
    operation = {"path": "/x", "parameters": {"note": {"in": "body", "name": ""}}}

    sent = compose(operation=operation, tool="x", arguments={"note": ["a", {"b": None}]})

    assert (sent.method, sent.content) == ("POST", b'["a", {"b": null}]')


def test_without_parameters_all_of_them_are_the_body() -> None:
    assert compose(operation={}, tool="x", arguments={"a": 1}) == Sent(
        "POST", "/tools/x", {}, b'{"a": 1}'
    )
    got = compose(operation={"method": "GET", "path": "/y"}, tool="x", arguments={"a": [1, 2.5]})
    assert got == Sent("GET", "/y?a=1&a=2.5", {}, b"")


@pytest.mark.parametrize(
    "value",
    [
        *("", ".", "..", "../admin", "a/b", "a\\b", "..\\x", "a\r\nHost: b", "a\x00"),
        *(["a"], {"a": 1}),
        *("%2e%2e", "%2E", "%2F", "..%2f", "%252e%252e", "a%5Cb", "%00"),
    ],
)
def test_what_fills_the_path_stays_one_part_of_it(value: Any) -> None:
    with pytest.raises(UpstreamError) as caught:
        compose(operation=OPERATION, tool="x", arguments={"order_id": value})

    assert caught.value.error_code == "upstream.argument"
    assert (caught.value.may_retry, caught.value.effect_unknown) == (False, False)
    assert caught.value.data == {"tool": "x", "argument": "order_id"}


@pytest.mark.parametrize("value", ["100%", "\u2024\u2024", "a;b", "a?b#c", "@", "a b", "x&y=1"])
def test_what_looks_like_more_is_encoded(value: str) -> None:
    path = compose(operation=OPERATION, tool="x", arguments={"order_id": value}).path

    inner = path.removeprefix("/orders/").removesuffix("/notes")
    assert not set(inner) & set("/?#@;&=\\ ")
    assert unquote(inner) == value


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "\x00", "\u00e4", {"a": 1}])
def test_a_header_stays_one_line(value: Any) -> None:
    with pytest.raises(UpstreamError) as caught:
        compose(operation=OPERATION, tool="x", arguments={"order_id": "1", "trace": value})

    assert caught.value.data["argument"] == "trace"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"method": "TRACE"}, {("operation.method", "choice")}),
        ({"path": "orders/{order}"}, {("operation.path", "path")}),
        ({"path": "//evil.example/{order}"}, {("operation.path", "path")}),
        ({"path": "/a/../{order}"}, {("operation.path", "path")}),
        ({"path": "/a?x={order}"}, {("operation.path", "path")}),
        ({"path": "/a%2e/{order}"}, {("operation.path", "path")}),
        ({"path": "/a@b/{order}"}, {("operation.path", "path")}),
        ({"path": "/orders"}, {("operation.path", "path")}),
        ({"path": "/orders/{order}/{order}"}, {("operation.path", "path")}),
        ({"url": "http://evil.example/"}, {("operation.url", "unknown")}),
        ({"parameters": []}, {("operation.parameters", "object")}),
        ({"parameters": None}, {("operation.path", "path")}),
    ],
)
def test_operations_that_cannot_be_called(
    change: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    found = operation_errors({**OPERATION, **change}, SCHEMA)

    assert {(error.field, error.code) for error in found} == expected


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({"in": "cookie", "name": "x"}, "choice"),
        ({"in": "query", "name": ""}, "name"),
        ({"in": "header", "name": "Authorization"}, "header"),
        ({"in": "header", "name": "Idempotency-Key"}, "header"),
        ({"in": "header", "name": "X-Forwarded-For"}, "header"),
        ({"in": "header", "name": "X\r\nY"}, "header"),
        ({"in": "query", "name": "TAG"}, "twice"),
        ({"in": "path", "name": "order"}, "required"),
        ("query", "choice"),
    ],
)
def test_places_that_are_none(place: Any, code: str) -> None:
    parameters = {**OPERATION["parameters"], "limit": place}
    found = list(operation_errors({**OPERATION, "parameters": parameters}, SCHEMA))

    assert code in {error.code for error in found}


def test_every_argument_needs_a_place_and_a_get_has_no_body() -> None:
    parameters = {name: OPERATION["parameters"][name] for name in ("order_id", "note")}
    operation = {**OPERATION, "method": "GET", "parameters": {**parameters, "who": {"in": "query"}}}

    found = {(error.field, error.code) for error in operation_errors(operation, SCHEMA)}

    assert found == {
        ("operation.parameters.limit", "required"),
        ("operation.parameters.tags", "required"),
        ("operation.parameters.trace", "required"),
        ("operation.parameters.who", "unknown"),
        ("operation.parameters.who", "name"),
        ("operation.parameters.note", "body"),
    }
