"""Requests to the API go on in the trace that their caller names."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from orchestra.core import tracing

PREFIX = "/api/v1/"


class TraceMiddleware:
    """Reads W3C ``traceparent`` of requests to the API, where tracing is on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a request inside its caller's trace."""
        if not tracing.is_on() or not request.path.startswith(PREFIX):
            return self.get_response(request)
        with tracing.continued(request.headers.get("traceparent", "")[: tracing.LONGEST]):
            return self.get_response(request)
