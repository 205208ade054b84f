"""Where an act comes from: the way in, and the network address that a request came from.

It is known for as long as a request or a task runs, and to nothing beside it. What is recorded
reads it in one place; no act is asked for it.
"""

import ipaddress
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class Channel(StrEnum):
    """The ways in."""

    WEB = "web"
    API = "api"
    MCP = "mcp"
    COMMAND = "command"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an act comes from.

    Attributes:
        channel: The way in.
        address: The client's IP address as the request saw it, personal data; empty without a
            request, and where the server was not told.
    """

    channel: Channel
    address: str = ""


#: Beginning of a path to the way in that it is; every other path is a page.
_PATHS: Final = {"/api/": Channel.API, "/mcp": Channel.MCP}
#: What neither a request nor a task runs is a command that somebody started.
_COMMAND: Final = Origin(Channel.COMMAND)
_current: ContextVar[Origin] = ContextVar("origin", default=_COMMAND)


def current_origin() -> Origin:
    """Return where what runs now comes from."""
    return _current.get()


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Say where what runs within comes from."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


def origin_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Say of every request where it comes from, until it is answered."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        with coming_from(origin_of(request)):
            return get_response(request)

    return answer


def origin_of(request: HttpRequest) -> Origin:
    """Return where a request comes from."""
    ways = (way for start, way in _PATHS.items() if request.path_info.startswith(start))
    return Origin(next(ways, Channel.WEB), _client_address(request))


def _client_address(request: HttpRequest) -> str:
    """Return the client's address; who forwarded it is believed only as the settings say.

    Each proxy adds whom it was called by at the end of X-Forwarded-For, so that with so many
    proxies in front the client stands so many from the end. What stands before may be made up.
    """
    direct = _address(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.ORCHESTRA["TRUSTED_PROXIES"]
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if not proxies or len(forwarded) < proxies:
        return direct
    return _address(forwarded[-proxies]) or direct


def _address(text: str) -> str:
    """Return an IP address in its short form, without a port; empty where a text is none."""
    text = text.strip()
    host = text.partition("]")[0].removeprefix("[") if text.startswith("[") else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return ""
