"""The only module that opens a connection: address checks, time-outs, limits, breaker.

A name is resolved once, every address it has is checked, and a checked address is connected
to, so that a name cannot mean one thing to the check and another to the connection.
"""

import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

import httpcore
import httpx
from django.conf import settings

from orchestra.core.breaker import Breaker, BreakerState, breaker_of
from orchestra.core.crash import crash_point
from orchestra.core.errors import UpstreamError

MAX_ANSWER_BYTES = 1024 * 1024
KEEPALIVE_SECONDS = 5.0
CONNECT_SECONDS = 5.0
_CHUNK_BYTES = 16 * 1024
_WELL_KNOWN_PORTS = 1024
_OPEN_PORTS = frozenset({80, 443})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """One HTTP request.

    Attributes:
        connection: Name under which failures are counted.
        timeout_seconds: For the whole exchange.
        max_bytes: Largest answer read.
        allowed_hosts: Host names that may be asked; empty allows the one in the URL.
    """

    connection: str
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    timeout_seconds: float = 10.0
    max_bytes: int = MAX_ANSWER_BYTES
    allowed_hosts: frozenset[str] = frozenset()


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


def check_url(url: str, *, allowed_hosts: frozenset[str] = frozenset()) -> SplitResult:
    """Refuse a URL that no connection should have; looks nothing up.

    Args:
        url: Absolute.
        allowed_hosts: Host names that may be asked; empty allows any.

    Raises:
        UpstreamError: Another scheme than http and https, a name or password in it, no host,
            a host that is not allowed, or a well-known port of another service.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refused("is no URL") from error
    if parts.scheme not in ("http", "https"):
        raise _refused("must begin with http:// or https://")
    if parts.username is not None or parts.password is not None or "\\" in url:
        raise _refused("must hold no name or password")
    host = (parts.hostname or "").rstrip(".")
    if not host or any(character.isspace() for character in url):
        raise _refused("must name a host")
    if allowed_hosts and host not in allowed_hosts:
        raise _refused("names a host that this connection does not allow")
    if port is not None and port < _WELL_KNOWN_PORTS and port not in _OPEN_PORTS:
        raise _refused("names a port that belongs to another kind of service")
    return parts


def is_reachable(address: Address, *, private_allowed: bool) -> bool:
    """Return whether an address may be connected to.

    Unspecified, link-local, multicast and reserved addresses never are; private and loopback
    ones only where allowed. An IPv6 address that carries an IPv4 address is judged by that.

    Args:
        address: The address itself, not a name.
        private_allowed: Whether private ranges are allowed here.
    """
    carried = _carried(address)
    if carried is not None:
        return is_reachable(carried, private_allowed=private_allowed)
    if address.is_loopback:
        return private_allowed
    if address.is_unspecified or address.is_link_local or address.is_multicast:
        return False
    if address.is_global:
        return True
    return private_allowed and not address.is_reserved


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host name, once all of them are checked.

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
    private_allowed = bool(settings.ORCHESTRA["ALLOW_PRIVATE_ADDRESSES"])
    for address in addresses:
        if not is_reachable(ipaddress.ip_address(address), private_allowed=private_allowed):
            raise UpstreamError(
                f"The host {host} has an address that may not be connected to.",
                may_retry=False,
                code="upstream.address_refused",
            )
    return addresses


def breaker_states() -> dict[str, BreakerState]:
    """Return the breakers of this process by connection, for the operations page."""
    return Breaker.states()


def _refused(message: str) -> UpstreamError:
    return UpstreamError(
        f"The address of the connection {message}.", may_retry=False, code="upstream.url_refused"
    )


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


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
        for address in resolve(host, port):
            try:
                return super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
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


_clients: dict[int, httpx.Client] = {}
_clients_lock = threading.Lock()


def _client() -> httpx.Client:
    """Return the one pooled client of this process; a forked child makes its own."""
    process = os.getpid()
    with _clients_lock:
        if process not in _clients:
            _clients.clear()
            _clients[process] = httpx.Client(
                transport=_CheckedTransport(), follow_redirects=False, trust_env=False
            )
        return _clients[process]


def _exchange(request: OutboundRequest) -> OutboundAnswer:
    deadline = time.monotonic() + request.timeout_seconds
    headers = {
        # Compressed answers could grow past the limit after it was checked.
        "Accept-Encoding": "identity",
        "Content-Length": str(len(request.content)),
        **request.headers,
    }
    timeout = httpx.Timeout(
        request.timeout_seconds, connect=min(CONNECT_SECONDS, request.timeout_seconds)
    )
    try:
        with _client().stream(
            request.method,
            request.url,
            headers=headers,
            content=_pieces(request.content) if request.content else None,
            timeout=timeout,
        ) as response:
            body = _read(response, request, deadline)
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
    except httpx.InvalidURL as error:
        raise _refused("is no URL") from error
    except httpx.TransportError as error:
        raise _cut(request, type(error).__name__) from error


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
