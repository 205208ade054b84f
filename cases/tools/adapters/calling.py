"""One request to a connection, with its bounds and its secret, through ``core.outbound``."""

from cases.tools.adapters.auth import forget_token, headers_of
from cases.tools.adapters.base import Endpoint
from cases.tools.adapters.slots import slot
from cases.tools.connecting import AuthKind, ConnectionSpec, parse_connection
from cases.tools.operations import Sent
from cases.tools.types import ConnectionKind
from orchestra.core import outbound
from orchestra.core.errors import InvalidInputError, UpstreamError

_UNAUTHORIZED = 401


def spec_of_endpoint(endpoint: Endpoint, kind: ConnectionKind) -> ConnectionSpec:
    """Return what a connection declares.

    Raises:
        UpstreamError: It declares what cannot be used; nothing was sent.
    """
    try:
        return parse_connection(
            document={
                "key": endpoint.key,
                "kind": str(kind),
                "base_url": endpoint.base_url,
                "settings": dict(endpoint.settings),
            }
        )
    except InvalidInputError as error:
        raise UpstreamError(
            f"The connection {endpoint.key} cannot be used: {error.message}. Nothing was sent.",
            may_retry=False,
            code="upstream.connection",
        ) from error


def ask(
    spec: ConnectionSpec,
    sent: Sent,
    *,
    timeout_seconds: float,
    max_bytes: int = outbound.MAX_ANSWER_BYTES,
    repeat: bool = False,
) -> outbound.OutboundAnswer:
    """Send one request below a connection's address.

    Args:
        spec: The connection.
        sent: What is asked.
        timeout_seconds: What the tool allows; the connection may allow less.
        max_bytes: Largest answer read.
        repeat: Whether it may be sent once more with a new token after a 401, as a read may.

    Raises:
        UpstreamError: No whole answer came; see ``outbound.send``.
    """
    answer = _once(spec, sent, timeout_seconds, max_bytes)
    if answer.status == _UNAUTHORIZED and spec.auth.kind is AuthKind.OAUTH2:
        # A token may be withdrawn before its time; the next request asks for another.
        forget_token(spec)
        if repeat:
            return _once(spec, sent, timeout_seconds, max_bytes)
    return answer


def _once(
    spec: ConnectionSpec, sent: Sent, timeout_seconds: float, max_bytes: int
) -> outbound.OutboundAnswer:
    # What says who asks comes last: no argument can stand in its place.
    headers = {**sent.headers, **headers_of(spec)}
    seconds = min(timeout_seconds, spec.total_seconds)
    request = outbound.OutboundRequest(
        connection=spec.key,
        method=sent.method,
        url=spec.base_url.rstrip("/") + sent.path,
        headers=headers,
        content=sent.content,
        timeout_seconds=seconds,
        connect_seconds=spec.connect_seconds,
        max_bytes=max_bytes,
        allowed_hosts=spec.allowed_hosts,
        private_networks=spec.private_networks,
    )
    with slot(spec, seconds=seconds):
        return outbound.send(request)
