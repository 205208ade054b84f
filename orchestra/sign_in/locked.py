"""The page of a lock-out: when to try again, and nothing about whose login it is."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse

from governance.access.lockout import seconds_left
from orchestra.core import clock
from orchestra.sign_in.shown import bare


def locked_out(
    request: HttpRequest, original: HttpResponse, credentials: Mapping[str, Any] | None
) -> HttpResponse:
    """Answer a try that came after too many wrong ones."""
    del original
    seconds = seconds_left(
        login=str((credentials or {}).get("username", "")),
        address=getattr(request, "axes_ip_address", None),
        now=clock.now(),
    )
    response = bare(request, "admin/locked_out.html", {"minutes": ceil(seconds / 60)}, status=429)
    response["Retry-After"] = str(seconds)
    return response
