"""Get the description of another system, from a file or through ``core.outbound``."""

from pathlib import Path
from typing import Final

from cases.tools.adapters.mcp import list_tools
from cases.tools.connecting import ConnectionSpec
from cases.tools.importing.documents import MAX_BYTES, invalid
from cases.tools.types import Json
from orchestra.core import outbound
from orchestra.core.errors import UpstreamError

FETCH_SECONDS: Final = 20.0
_OK: Final = 200


def read_description(where: str) -> bytes:
    """Return the bytes of a description.

    Args:
        where: Path of a file, or an address that begins with http:// or https://. No secret
            is sent to it, and no redirect is followed.

    Raises:
        InvalidInputError: The file cannot be read or is too large.
        UpstreamError: The address is refused or does not answer.
    """
    if "://" in where:
        return _fetch(where)
    path = Path(where)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise invalid("", "too_large", "the description is above 4 MiB")
        return path.read_bytes()
    except OSError as error:
        raise invalid("", "unreadable", f"{where} cannot be read") from error


def read_tools(spec: ConnectionSpec, *, url: str) -> tuple[str, list[Json]]:
    """Return what an upstream MCP server calls itself and the tools it lists.

    Args:
        spec: The connection that the tools will use; its own secret is sent.
        url: The server's address, which has to be the connection's.

    Raises:
        InvalidInputError: The address is another one.
        UpstreamError: It does not answer by the protocol.
    """
    if url.rstrip("/") != spec.base_url.rstrip("/"):
        message = f"the connection {spec.key} leads to {spec.base_url}, and calls would go there"
        raise invalid("mcp", "address", message)
    return list_tools(spec, timeout_seconds=FETCH_SECONDS)


def _fetch(url: str) -> bytes:
    answer = outbound.send(
        outbound.OutboundRequest(
            connection="import",
            method="GET",
            url=url,
            headers={"Accept": "application/json, application/yaml, */*;q=0.1"},
            timeout_seconds=FETCH_SECONDS,
            max_bytes=MAX_BYTES,
        )
    )
    if answer.status != _OK:
        raise UpstreamError(
            f"The description was not to be had: the server answered {answer.status}. "
            "A redirect is not followed; give the address that it leads to.",
            may_retry=False,
            code="upstream.status",
            data={"status": answer.status},
        )
    return answer.body
