"""What may be connected to, what is read, and what a failure says about the effect."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from orchestra.core import outbound
from orchestra.core.breaker import OPEN_SECONDS, Breaker, BreakerState
from orchestra.core.errors import UpstreamError
from orchestra.core.outbound import OutboundRequest, resolve, send

PUBLIC = "93.184.215.14"


@pytest.fixture(autouse=True)
def _fresh_breakers() -> Iterator[None]:
    Breaker.forget_all()
    yield
    Breaker.forget_all()


@pytest.fixture
def private_refused(settings: Any) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PRIVATE_NETWORKS": ()}


@contextmanager
def server(*answers: bytes, wait: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """A socket that answers each connection with the next bytes, as they are."""
    received: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answer in answers:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                received.append(_read_request(connection))
                time.sleep(wait)
                connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
    finally:
        listener.close()
        thread.join(timeout=5)


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def response(status: str = "200 OK", body: bytes = b"{}", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode() + body


def request(url: str, **fields: Any) -> OutboundRequest:
    return OutboundRequest(
        **{
            "connection": "store",
            "method": "POST",
            "url": url,
            "content": b'{"a":1}',
            "timeout_seconds": 2.0,
        }
        | fields
    )


def failure(act: Callable[[], object]) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        act()
    return caught.value


@pytest.mark.usefixtures("private_refused")
@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::1]"),
        "0.0.0.0",  # noqa: S104  an address to refuse
    ],
)
def test_every_spelling_of_a_private_address_is_refused(host: str) -> None:
    error = failure(lambda: send(request(f"http://{host}:8080/x")))

    assert error.error_code in {
        "upstream.address_refused",
        "upstream.host_not_found",
        "upstream.url_refused",
    }
    assert not error.effect_unknown


@pytest.mark.usefixtures("private_refused")
def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in (PUBLIC, "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: entries)

    assert failure(lambda: resolve("store.example", 80)).error_code == "upstream.address_refused"


@pytest.mark.usefixtures("private_refused")
def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the second answer would be private, but nobody asks a second time."""
    asked: list[str] = []
    connected: list[str] = []

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [
            (
                socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (PUBLIC if len(asked) == 1 else "127.0.0.1", port),
            )
        ]

    def create_connection(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        connected.append(address[0])
        raise OSError("not today")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "create_connection", create_connection)

    error = failure(lambda: send(request("http://store.example/x")))

    assert (asked, connected) == (["store.example"], [PUBLIC])
    assert (error.error_code, error.may_retry) == ("upstream.unreachable", True)


def test_sends_once_and_reads_the_answer() -> None:
    with server(response(body=b'{"ok":true}')) as (url, received):
        answer = send(request(f"{url}/tools/x", headers={"Idempotency-Key": "k"}))

    assert (answer.status, answer.body) == (200, b'{"ok":true}')
    (sent,) = received
    assert sent.startswith(b"POST /tools/x HTTP/1.1\r\n")
    assert sent.endswith(b'\r\n\r\n{"a":1}')
    assert b"Transfer-Encoding" not in sent


def test_a_redirect_is_an_answer() -> None:
    with server(response("302 Found", headers="Location: http://169.254.169.254/\r\n")) as (
        url,
        received,
    ):
        answer = send(request(url))

    assert (answer.status, len(received)) == (302, 1)


def test_nothing_listens() -> None:
    with server() as (url, _):
        pass

    error = failure(lambda: send(request(url)))

    assert (error.may_retry, error.effect_unknown) == (True, False)


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (b"", 0.0),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", 0.0),
        (b"no http at all\r\n\r\n", 0.0),
        (response(), 0.6),
    ],
    ids=["cut", "cut in the body", "no http", "too late"],
)
def test_after_sending_the_effect_is_unknown(answer: bytes, wait: float) -> None:
    with server(answer, wait=wait) as (url, received):
        error = failure(lambda: send(request(url, timeout_seconds=0.3)))

    assert (error.may_retry, error.effect_unknown) == (False, True)
    assert len(received) == 1


def test_an_answer_beyond_the_limit_is_not_read() -> None:
    with server(response(body=b"x" * 2000)) as (url, _):
        error = failure(lambda: send(request(url, max_bytes=1000)))

    assert (error.error_code, error.data) == ("upstream.no_answer", {"error": "answer too large"})


def test_the_breaker_opens_after_five_failures_and_admits_one_trial(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with server() as (url, _):
        pass
    codes = [failure(lambda: send(request(url))).error_code for _ in range(7)]

    assert codes == ["upstream.unreachable"] * 5 + ["upstream.breaker_open"] * 2
    assert outbound.breaker_states() == {"store": BreakerState("open", 5)}

    later = time.monotonic() + OPEN_SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert failure(lambda: send(request(url))).error_code == "upstream.unreachable"
    assert failure(lambda: send(request(url))).error_code == "upstream.breaker_open"


def test_a_server_error_counts_and_a_success_forgets() -> None:
    answers = [response("500 Oops")] * 4 + [response()]
    with server(*answers) as (url, _):
        for _ in range(4):
            assert send(request(url)).status == 500
        assert outbound.breaker_states()["store"].failures == 4
        assert send(request(url)).status == 200
    assert outbound.breaker_states()["store"] == BreakerState("closed", 0)


def test_a_refusal_is_no_failure_of_the_connection() -> None:
    with server(*[response("422 No")] * 6) as (url, _):
        for _ in range(6):
            assert send(request(url)).status == 422
    assert outbound.breaker_states()["store"] == BreakerState("closed", 0)


@contextmanager
def dripping(*, first: bytes, piece: bytes, every: float) -> Iterator[str]:
    """A server that sends its answer piece by piece, without end."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            _read_request(connection)
            try:
                connection.sendall(first)
                while not stopped.wait(every):
                    connection.sendall(piece)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopped.set()
        listener.close()
        thread.join(timeout=5)


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100000\r\n",
    ],
    ids=["headers", "body", "one chunk"],
)
def test_an_answer_that_drips_ends_with_the_exchange(first: bytes) -> None:
    with dripping(first=first, piece=b"x", every=0.02) as url:
        began = time.monotonic()
        error = failure(lambda: send(request(url, timeout_seconds=0.5)))
        took = time.monotonic() - began

    assert (error.error_code, error.effect_unknown) == ("upstream.no_answer", True)
    assert took < 1.5


def test_headers_without_end_are_cut() -> None:
    first = b"HTTP/1.1 200 OK\r\n" + b"".join(
        b"X-%d: %s\r\n" % (n, b"y" * 1000) for n in range(300)
    )
    with dripping(first=first, piece=b"X: y\r\n", every=0.02) as url:
        error = failure(lambda: send(request(url, timeout_seconds=5.0)))

    assert (error.error_code, error.effect_unknown) == ("upstream.no_answer", True)
    assert error.data == {"error": "RemoteProtocolError"}


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity"])
def test_a_compressed_answer_is_not_read(encoding: str) -> None:
    body = gzip.compress(b"0" * 5_000_000)
    answer = response(body=body, headers=f"Content-Encoding: {encoding}\r\n")
    with server(answer) as (url, received):
        error = failure(lambda: send(request(url)))

    assert error.data == {"error": "compressed answer"}
    assert b"accept-encoding: identity" in received[0].lower()


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(response(), response()) as (url, received), server(response()) as (proxy, other):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy)
        assert send(request(url)).status == 200

    assert (len(received), other) == (1, [])


@pytest.mark.parametrize(
    "headers", [{"X": "a\r\nY: b"}, {"X": "a\nb"}, {"X\r\nY": "b"}, {"": "b"}, {"X": "a\x00"}]
)
def test_a_header_that_begins_another_is_not_sent(headers: dict[str, str]) -> None:
    with server(response()) as (url, received):
        error = failure(lambda: send(request(url, headers=headers)))

    assert (error.error_code, received) == ("upstream.url_refused", [])
