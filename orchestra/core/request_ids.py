"""A name for every request, on each line that it writes into the log and on its answer."""

import re
from collections.abc import Callable
from typing import Final
from uuid import uuid4

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from orchestra.core.origin import current_origin

HEADER: Final = "X-Request-ID"
#: What a proxy may call a request; anything else could write lines of its own into a log.
_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id_middleware(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Name every request; stands within ``origin_middleware``."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        name = request_id_of(request)
        with structlog.contextvars.bound_contextvars(
            request_id=name, channel=str(current_origin().channel)
        ):
            found = get_response(request)
        found.headers[HEADER] = name
        return found

    return answer


def request_id_of(request: HttpRequest) -> str:
    """Return the name that a proxy in front gave a request, or a new one.

    A caller is not believed: only where the settings say that a proxy stands in front, which
    then has to put a name of its own over whatever the caller sent.
    """
    given = request.headers.get(HEADER, "")
    is_believed = settings.ORCHESTRA["TRUSTED_PROXIES"] > 0 and _GIVEN.fullmatch(given)
    return given if is_believed else uuid4().hex
