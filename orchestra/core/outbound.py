"""The only module that opens a connection: address checks, time-outs, limits, breaker.

A name is resolved once, every address it has is checked, and a checked address is connected
to, so that a name cannot mean one thing to the check and another to the connection.
"""

import ipaddress
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx
from django.conf import settings

from orchestra.core.breaker import Breaker, BreakerState, breaker_of
from orchestra.core.crash import crash_point
from orchestra.core.errors import UpstreamError
from orchestra.core.reachable import (
    Network,
    check_url,
    host_of,
    is_reachable,
    read_networks,
    refused,
)

MAX_ANSWER_BYTES = 1024 * 1024
KEEPALIVE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
_CHUNK_BYTES = 16 * 1024
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """One HTTP request.

    Attributes:
        connection: Name under which failures are counted.
        timeout_seconds: For the whole exchange, headers and body included.
        connect_seconds: Longest wait for a connection, TLS included.
        max_bytes: Largest answer read.
        allowed_hosts: Host names that may be asked; empty allows the one in the URL.
        private_networks: Private networks that may be connected to, as CIDRs, out of those
            that the installation allows; None for all of these.
    """

    connection: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    timeout_seconds: float = 10.0
    connect_seconds: float = CONNECT_SECONDS
    max_bytes: int = MAX_ANSWER_BYTES
    allowed_hosts: frozenset[str] = frozenset()
    private_networks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    """What came back: status, headers in lower case, the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(request: OutboundRequest) -> OutboundAnswer:
    """Send one request and read the whole answer; redirects are answers, never followed.

    Raises:
        UpstreamError: No whole answer came. ``may_retry`` if the request cannot have been
            received; ``effect_unknown`` if it was sent at least in part.
    """
    check_url(request.url, allowed_hosts=request.allowed_hosts)
    _check_headers(request.headers)
    breaker = breaker_of(request.connection)
    if not breaker.admit(time.monotonic()):
        raise UpstreamError(
            f"{request.connection} failed several times in a row; it is left alone for a while.",
            may_retry=True,
            code="upstream.breaker_open",
        )
    try:
        answer = _exchange(request)
    except UpstreamError:
        breaker.failed(time.monotonic())
        raise
    except BaseException:
        # Whatever else ends the exchange must not leave the one trial taken for ever.
        breaker.failed(time.monotonic())
        raise
    if answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
        breaker.failed(time.monotonic())
    else:
        breaker.succeeded()
    return answer


def allowed_networks(named: Iterable[str] | None = None) -> tuple[Network, ...]:
    """Return the private networks that may be connected to.

    Args:
        named: What a connection names, as CIDRs; None for all that the installation allows.

    Raises:
        UpstreamError: What is named is no network.
    """
    allowed = read_networks(settings.ORCHESTRA["PRIVATE_NETWORKS"])
    if named is None:
        return allowed
    try:
        wanted = read_networks(named)
    except ValueError as error:
        raise refused("names private networks that cannot be read") from error
    return tuple(one for one in wanted if any(_inside(one, other) for other in allowed))


def _inside(one: Network, other: Network) -> bool:
    if isinstance(one, ipaddress.IPv4Network):
        return isinstance(other, ipaddress.IPv4Network) and one.subnet_of(other)
    return isinstance(other, ipaddress.IPv6Network) and one.subnet_of(other)


def resolve(host: str, port: int, *, networks: tuple[Network, ...] | None = None) -> list[str]:
    """Return the addresses of a host name, once all of them are checked.

    Args:
        host: Name or address.
        port: Where on it.
        networks: Private networks that may be connected to; None for all that the
            installation allows.

    Raises:
        UpstreamError: The name has no address, or one that may not be connected to.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UpstreamError(
            f"The host {host} was not found.", may_retry=True, code="upstream.host_not_found"
        ) from error
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    allowed = allowed_networks() if networks is None else networks
    for address in addresses:
        if not is_reachable(ipaddress.ip_address(address), networks=allowed):
            raise UpstreamError(
                f"The host {host} has an address that may not be connected to; an operator can "
                "allow a private network with ORCHESTRA_PRIVATE_NETWORKS.",
                may_retry=False,
                code="upstream.address_refused",
            )
    return addresses


def breaker_states() -> dict[str, BreakerState]:
    """Return the breakers of this process by connection, for the operations page."""
    return Breaker.states()


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What holds for the exchange that this thread is in."""

    deadline: float
    networks: tuple[Network, ...]

    def left(self, timeout: float | None) -> float:
        """Return how long one step may take; 0.0 once the time is up."""
        rest = max(0.0, self.deadline - time.monotonic())
        return rest if timeout is None else min(rest, timeout)


_bounds: ContextVar[_Bounds] = ContextVar("outbound_bounds")


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends with the exchange it belongs to.

    A server that sends one byte in time, again and again, would otherwise never be too slow.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there, within the time that is left."""
        left = _bounds.get().left(timeout)
        if left <= 0:
            raise httpcore.ReadTimeout("the exchange took too long")
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it, within the time that is left."""
        left = _bounds.get().left(timeout)
        if left <= 0:
            raise httpcore.WriteTimeout("the exchange took too long")
        self._stream.write(buffer, left)

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Begin TLS under the same bounds."""
        left = _bounds.get().left(timeout)
        if left <= 0:
            raise httpcore.ConnectTimeout("the connection took too long")
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows of itself."""
        return self._stream.get_extra_info(info)


class _CheckedBackend(httpcore.SyncBackend):
    """Connects to checked addresses only; TLS still asks for the host's name."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve once, check, connect to the first address that answers."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        bounds = _bounds.get()
        for address in resolve(host, port, networks=bounds.networks):
            left = bounds.left(timeout)
            if left <= 0:
                raise httpcore.ConnectTimeout("the connection took too long")
            try:
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream)
        raise failure


class _CheckedTransport(httpx.HTTPTransport):
    """httpx's transport over a pool that connects through the check."""

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=KEEPALIVE_SECONDS,
            network_backend=_CheckedBackend(),
        )


_clients: dict[tuple[int, tuple[Network, ...]], httpx.Client] = {}
_clients_lock = threading.Lock()


def _client(networks: tuple[Network, ...]) -> httpx.Client:
    """Return the pooled client of this process; a forked child makes its own.

    What may be connected to is part of the pool, so that a connection that was opened for one
    is never used by another that may not open it.
    """
    process = os.getpid()
    with _clients_lock:
        if any(owner != process for owner, _networks in _clients):
            _clients.clear()
        if (process, networks) not in _clients:
            _clients[process, networks] = httpx.Client(
                transport=_CheckedTransport(), follow_redirects=False, trust_env=False
            )
        return _clients[process, networks]


def _exchange(request: OutboundRequest) -> OutboundAnswer:
    networks = allowed_networks(request.private_networks)
    bounds = _Bounds(time.monotonic() + request.timeout_seconds, networks)
    token = _bounds.set(bounds)
    try:
        return _bounded(request, bounds)
    finally:
        _bounds.reset(token)


def _bounded(request: OutboundRequest, bounds: _Bounds) -> OutboundAnswer:
    headers = {
        # Compressed answers could grow past the limit after it was checked.
        "Accept-Encoding": "identity",
        "Content-Length": str(len(request.content)),
        **request.headers,
    }
    connect = min(request.connect_seconds, request.timeout_seconds)
    timeout = httpx.Timeout(request.timeout_seconds, connect=connect)
    try:
        with _client(bounds.networks).stream(
            request.method,
            _same_host(request.url),
            headers=headers,
            content=_pieces(request.content) if request.content else None,
            timeout=timeout,
        ) as response:
            crash_point("after-effect-before-reply")
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise _cut(request, "compressed answer")
            body = _read(response, request, bounds.deadline)
            return OutboundAnswer(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=body,
            )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise UpstreamError(
            f"{request.connection} could not be reached; nothing was sent.",
            may_retry=True,
            code="upstream.unreachable",
            data={"error": type(error).__name__},
        ) from error
    except (httpx.InvalidURL, httpx.LocalProtocolError) as error:
        raise refused("or a header of the request cannot be sent as it is") from error
    except httpx.TransportError as error:
        raise _cut(request, type(error).__name__) from error


def _same_host(url: str) -> httpx.URL:
    """Return the URL as the client reads it, if it reads the same host as was checked."""
    read = httpx.URL(url)
    if read.host.removesuffix(".") != host_of(check_url(url)):
        raise refused("is read as another host by what connects")
    return read


def _check_headers(headers: Mapping[str, str]) -> None:
    """Refuse a header that could begin another one, before anything is connected."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or _CONTROL.search(value):
            raise refused("is asked with a header that cannot be sent")


def _pieces(content: bytes) -> Iterator[bytes]:
    """Yield the body in two pieces, so that a fault test can stop between them."""
    middle = len(content) // 2
    yield content[:middle]
    crash_point("during-send")
    yield content[middle:]


def _read(response: httpx.Response, request: OutboundRequest, deadline: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_raw(_CHUNK_BYTES):
        body += chunk
        if len(body) > request.max_bytes:
            raise _cut(request, "answer too large")
        if time.monotonic() > deadline:
            raise _cut(request, "answer too slow")
    return bytes(body)


def _cut(request: OutboundRequest, reason: str) -> UpstreamError:
    return UpstreamError(
        f"{request.connection} took the request, but no whole answer came.",
        may_retry=False,
        effect_unknown=True,
        code="upstream.no_answer",
        data={"error": reason},
    )
