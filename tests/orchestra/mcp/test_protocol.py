"""Messages in and out: what is a message, how it is spoken, what headers may say."""

import base64
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestra.mcp import protocol
from orchestra.mcp.protocol import Envelope, Message, ProtocolError

STATELESS, HANDSHAKE = "2026-07-28", "2025-11-25"
META = {protocol.VERSION_KEY: STATELESS, protocol.CAPABILITIES_KEY: {}}
HEADERS = {"mcp-protocol-version": STATELESS, "mcp-method": "tools/list"}
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


def listing(meta: Any = META, **params: Any) -> Message:
    return Message(1, "tools/list", {**params, "_meta": meta})


def calling(name: Any = "x") -> Message:
    return Message(1, "tools/call", {"name": name, "_meta": META})


def code_of(message: Message, headers: dict[str, str]) -> int:
    with pytest.raises(ProtocolError) as caught:
        protocol.read_envelope(message, headers)
    return caught.value.code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], -32600),
        ([{"jsonrpc": "2.0", "id": 1, "method": "ping"}], -32600),
        ("ping", -32600),
        (None, -32600),
        ({}, -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "ping"}, -32600),
        ({"jsonrpc": 2.0, "id": 1, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": 7}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": ""}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "result": {}}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "x"}}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "result": {}}, -32600),
        *(
            ({"jsonrpc": "2.0", "id": id_, "method": "ping"}, -32600)
            for id_ in (None, True, 1.5, [], {}, "x" * 257)
        ),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": "x"}, -32602),
    ],
)
def test_what_is_no_message(value: Any, code: int) -> None:
    with pytest.raises(ProtocolError) as caught:
        protocol.read_message(value)
    assert (caught.value.code, caught.value.status) == (code, 400)


@pytest.mark.parametrize("id_", [0, -1, 2**63, "", "a", "ünïcode"])
def test_a_message_and_members_json_rpc_does_not_know(id_: int | str) -> None:
    value = {"jsonrpc": "2.0", "id": id_, "method": "ping", "mood": "sad"}
    assert protocol.read_message(value) == Message(id_, "ping", {})
    assert protocol.id_of(value) == id_


def test_without_an_id_nobody_waits() -> None:
    message = protocol.read_message({"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert message.is_notification


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "no JSON"),
        (b"", "no JSON"),
        (b"\xff", "UTF-8"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": "\\u0000"}', "U+0000"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"a": 1e999}', "too large"),
        (b"[" * 65 + b"]" * 65, "deeper"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "deeper"),
        (b"[" * 100_000, "deep"),
    ],
)
def test_a_body_that_means_nothing_or_two_things(body: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=re.escape(words)) as caught:
        protocol.read_body(body)
    assert caught.value.code == -32700


def test_a_body_as_deep_as_is_allowed() -> None:
    assert protocol.read_body(b"[" * 64 + b"]" * 64)


def test_the_stateless_revision() -> None:
    envelope = protocol.read_envelope(listing(), HEADERS)
    assert envelope == Envelope(STATELESS, {}, "")
    assert (envelope.is_stateless, envelope.takes_tasks) == (True, False)


@pytest.mark.parametrize(
    ("capabilities", "takes"),
    [
        ({"extensions": {protocol.TASKS: {}}}, True),
        ({"extensions": {}}, False),
        ({"extensions": [protocol.TASKS]}, False),
        ({"tasks": {}}, False),
    ],
)
def test_who_takes_tasks(capabilities: Any, takes: bool) -> None:
    meta = {**META, protocol.CAPABILITIES_KEY: capabilities}
    envelope = protocol.read_envelope(listing(meta), HEADERS)
    assert envelope.takes_tasks is takes
    if not takes:
        with pytest.raises(ProtocolError) as caught:
            protocol.require_tasks(envelope)
        assert caught.value.code == -32021
        assert caught.value.data == {"requiredCapabilities": {"extensions": {protocol.TASKS: {}}}}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"mcp-protocol-version": STATELESS},
        {"mcp-method": "tools/list"},
        {**HEADERS, "mcp-protocol-version": HANDSHAKE},
        {**HEADERS, "mcp-protocol-version": f"{STATELESS}, {STATELESS}"},
        {**HEADERS, "mcp-protocol-version": f"{STATELESS} "},
        {**HEADERS, "mcp-method": "Tools/List"},
        {**HEADERS, "mcp-method": "tools/call"},
        {**HEADERS, "mcp-name": "anything"},
    ],
    ids=str,
)
def test_headers_that_say_something_else_than_the_body(headers: dict[str, str]) -> None:
    assert code_of(listing(), headers) == -32020


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("x", None),
        ("x", "y"),
        ("x", "X"),
        ("x", "=?base64?eQ==?="),
        ("x", "=?base64?eB==?="),
        ("x", "=?base64?!?="),
        ("x", "=?base64?/w==?="),
        ("x", "=?BASE64?eA==?="),
        (7, "7"),
        (None, "x"),
    ],
)
def test_a_name_that_is_another_in_the_header(name: Any, header: str | None) -> None:
    headers = {**HEADERS, "mcp-method": "tools/call"}
    if header is not None:
        headers["mcp-name"] = header
    assert code_of(calling(name), headers) == -32020


@given(st.text(min_size=1, max_size=50))
def test_any_name_can_be_repeated_in_base64(name: str) -> None:
    written = f"=?base64?{base64.b64encode(name.encode()).decode()}?="
    headers = {**HEADERS, "mcp-method": "tools/call", "mcp-name": written}
    assert protocol.read_envelope(calling(name), headers).is_stateless


@pytest.mark.parametrize("version", ["1900-01-01", "2025-06-18", "2026-07-29", "DRAFT", ""])
def test_a_revision_that_is_not_spoken(version: str) -> None:
    headers = {**HEADERS, "mcp-protocol-version": version}
    message = listing({**META, protocol.VERSION_KEY: version})
    with pytest.raises(ProtocolError) as caught:
        protocol.read_envelope(message, headers)
    assert (caught.value.code, caught.value.status) == (-32022, 400)
    assert caught.value.data == {"supported": [STATELESS, HANDSHAKE], "requested": version}


@pytest.mark.parametrize(
    "meta",
    [
        {},
        {protocol.VERSION_KEY: STATELESS},
        {protocol.CAPABILITIES_KEY: {}},
        {**META, protocol.CAPABILITIES_KEY: None},
        {**META, protocol.CAPABILITIES_KEY: []},
        {**META, protocol.CLIENT_KEY: "me"},
        [],
        "x",
        None,
    ],
    ids=str,
)
def test_what_every_request_carries(meta: Any) -> None:
    assert code_of(listing(meta), HEADERS) == -32602


@pytest.mark.parametrize("version", [7, None, ["2026-07-28"]])
def test_a_revision_that_is_no_text(version: Any) -> None:
    assert code_of(listing({**META, protocol.VERSION_KEY: version}), HEADERS) in {-32020, -32602}


def test_no_downgrade_between_header_and_body() -> None:
    """A proxy that trusts the older header would not look at what the body asks for."""
    assert code_of(listing(), {"mcp-protocol-version": HANDSHAKE}) == -32020
    older = {**META, protocol.VERSION_KEY: HANDSHAKE}
    assert code_of(listing(older), HEADERS) == -32020


class TestHandshake:
    def test_it_begins_without_a_header(self) -> None:
        message = Message(1, "initialize", {"protocolVersion": HANDSHAKE})
        assert protocol.read_envelope(message, {}) == Envelope(HANDSHAKE)

    def test_what_follows_names_it_in_the_header_alone(self) -> None:
        message = Message(2, "tools/list", {})
        assert protocol.read_envelope(message, {"mcp-protocol-version": HANDSHAKE}) == Envelope(
            HANDSHAKE
        )
        assert code_of(message, {}) == -32020

    def test_headers_it_does_not_need_may_still_not_lie(self) -> None:
        message = Message(2, "tools/call", {"name": "x"})
        version = {"mcp-protocol-version": HANDSHAKE}
        assert protocol.read_envelope(message, {**version, "mcp-name": "x"})
        assert code_of(message, {**version, "mcp-name": "y"}) == -32020
        assert code_of(message, {**version, "mcp-method": "tools/list"}) == -32020

    def test_it_never_takes_tasks(self) -> None:
        meta = {protocol.CAPABILITIES_KEY: {"extensions": {protocol.TASKS: {}}}}
        message = Message(2, "tools/list", {"_meta": meta})
        headers = {"mcp-protocol-version": HANDSHAKE}
        assert not protocol.read_envelope(message, headers).takes_tasks

    def test_the_stateless_revision_has_none(self) -> None:
        message = Message(1, "initialize", {"_meta": META})
        assert protocol.read_envelope(
            message, {"mcp-protocol-version": STATELESS, "mcp-method": "initialize"}
        ).is_stateless


@pytest.mark.parametrize(
    ("in_body", "in_header", "found"),
    [
        (TRACE, None, "a" * 32),
        (None, TRACE, "a" * 32),
        (TRACE, TRACE.replace("a", "c"), "a" * 32),
        ("nonsense", TRACE, "a" * 32),
        (TRACE.upper(), None, ""),
        (TRACE.replace("00-", "ff-", 1), None, ""),
        (TRACE.replace("a", "0"), None, ""),
        (TRACE.replace("b", "0"), None, ""),
        (TRACE + "-more", None, ""),
        (7, None, ""),
        (None, None, ""),
    ],
)
def test_the_trace_of_the_caller(in_body: Any, in_header: str | None, found: str) -> None:
    meta = {**META, **({"traceparent": in_body} if in_body is not None else {})}
    headers = {**HEADERS, **({"traceparent": in_header} if in_header else {})}
    assert protocol.read_envelope(listing(meta), headers).trace_id == found


def test_answers_have_the_shape_of_their_revision() -> None:
    server = {"name": "orchestra"}
    message = Message("a", "tools/list")
    stateless = protocol.answer(
        message=message, envelope=Envelope(STATELESS), result={"tools": []}, server=server
    )
    assert stateless == {
        "jsonrpc": "2.0",
        "id": "a",
        "result": {
            "resultType": "complete",
            "tools": [],
            "_meta": {protocol.SERVER_KEY: server},
        },
    }
    task = protocol.answer(
        message=message, envelope=Envelope(STATELESS), result={"resultType": "task"}, server=server
    )
    assert task["result"]["resultType"] == "task"
    older = protocol.answer(
        message=message, envelope=Envelope(HANDSHAKE), result={"tools": []}, server=server
    )
    assert older["result"] == {"tools": []}


@pytest.mark.parametrize(
    ("code", "stateless", "handshake"),
    [(-32601, 404, 200), (-32602, 400, 200), (-32603, 500, 500), (-32020, 400, 400)],
)
def test_the_status_of_an_error(code: int, stateless: int, handshake: int) -> None:
    error = ProtocolError(code, "x")
    assert protocol.status_of(error, is_stateless=True) == stateless
    assert protocol.status_of(error, is_stateless=False) == handshake


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_whatever_comes_is_a_message_or_refused(value: Any) -> None:
    headers = {"mcp-protocol-version": STATELESS}
    message = {"jsonrpc": "2.0", "id": value, "method": value, "params": {"_meta": value}}
    for sent in (value, message, {**message, "id": 1, "method": "ping"}):
        assert refused_with(sent, headers) in {0, -32700, -32600, -32602, -32020, -32022}


def refused_with(sent: Any, headers: dict[str, str]) -> int:
    try:
        body = protocol.read_body(json.dumps(sent).encode())
        protocol.read_envelope(protocol.read_message(body), headers)
    except ProtocolError as error:
        return error.code
    return 0
