"""Spans of OpenTelemetry, where the installation wants them; nothing at all where it does not.

Off until ``configure`` finds an address to export to, and the package that is an extra. What
stands in a span are ids, codes and counts; nothing that was said, and nobody's name.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, Protocol

import structlog

log = structlog.get_logger(__name__)

#: Where spans go, by who names it first; the last two are OpenTelemetry's own.
VARIABLES: Final = (
    "ORCHESTRA_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
)
_PATH: Final = "/v1/traces"
#: Longest text of a header of W3C Trace Context, version 00.
LONGEST: Final = 55

Value = str | int | float | bool


class Span(Protocol):
    """What a block may tell of itself."""

    def set_attribute(self, key: str, value: Value) -> None:
        """Tell one thing more."""


class _NoSpan:
    """Takes everything and keeps nothing."""

    def set_attribute(self, key: str, value: Value) -> None:
        """Keep nothing."""


_NO_SPAN: Final = _NoSpan()
_tracer: Any = None
_provider: Any = None


def configure(exporter: Any = None) -> bool:
    """Switch tracing on where an address is named and the packages are there.

    Args:
        exporter: Given by tests; it is given each span at once.

    Returns:
        Whether it is on.
    """
    global _tracer, _provider
    endpoint = _endpoint()
    if exporter is None and not endpoint:
        return False
    try:
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  an extra
    except ImportError:
        log.warning("tracing.package_missing", install="orchestra[otel]")
        return False
    provider = TracerProvider(resource=Resource.create({"service.name": "orchestra"}))
    provider.add_span_processor(_processor(exporter, endpoint))
    _tracer, _provider = provider.get_tracer("orchestra"), provider
    return True


def switch_off() -> None:
    """Make no span any more."""
    global _tracer, _provider  # noqa: PLW0603  see above
    _tracer = _provider = None


def flush(*, seconds: float = 5.0) -> bool:
    """Send what waits to be sent; return whether it was, in time.

    Args:
        seconds: Longest wait.
    """
    return _provider is not None and bool(_provider.force_flush(int(1000 * seconds)))


def is_on() -> bool:
    """Return whether spans are made."""
    return _tracer is not None


@contextmanager
def span(
    name: str,
    attributes: Mapping[str, Value] | None = None,
    *,
    parent: str = "",
) -> Iterator[Span]:
    """Make the block one span; one that ends by an error is marked with its class.

    Args:
        name: Such as ``execute_tool get_order_details``.
        attributes: What is known at the beginning.
        parent: Trace Context it goes on from; empty for the span it is in.
    """
    if _tracer is None:
        yield _NO_SPAN
        return
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415  an extra, present here

    with _tracer.start_as_current_span(
        name,
        context=_context(parent),
        attributes=dict(attributes or {}),
        # The message of an error may hold what a customer said.
        record_exception=False,
        set_status_on_exception=False,
    ) as found:
        try:
            yield found
        except BaseException as error:
            found.set_attribute("error.type", type(error).__name__)
            found.set_status(Status(StatusCode.ERROR))
            raise


def record(
    name: str,
    *,
    begun_at: datetime,
    ended_at: datetime,
    parent: str = "",
    attributes: Mapping[str, Value] | None = None,
) -> None:
    """Make a span of a time that is over, such as a wait.

    Args:
        name: What it was.
        begun_at: From when, UTC.
        ended_at: Until when, UTC.
        parent: Trace Context it goes on from; empty for the span it is in.
        attributes: What is known of it.
    """
    if _tracer is None:
        return
    made = _tracer.start_span(
        name,
        context=_context(parent),
        attributes=dict(attributes or {}),
        start_time=_nanoseconds(begun_at),
    )
    made.end(end_time=_nanoseconds(ended_at))


@contextmanager
def continued(traceparent: str) -> Iterator[None]:
    """Make the spans in the block go on from a caller's Trace Context; a bad one is left out."""
    context = _context(traceparent) if _tracer is not None else None
    if context is None:
        yield
        return
    from opentelemetry.context import attach, detach  # noqa: PLC0415  an extra, present here

    token = attach(context)
    try:
        yield
    finally:
        detach(token)


def current() -> str:
    """Return the Trace Context of the span this is in, to go on from later; empty for none."""
    if _tracer is None:
        return ""
    carrier: dict[str, str] = {}
    _propagator().inject(carrier)
    return carrier.get("traceparent", "")[:LONGEST]


def _context(traceparent: str) -> Any:
    if not traceparent:
        return None
    from opentelemetry.trace import get_current_span  # noqa: PLC0415  an extra, present here

    found = _propagator().extract({"traceparent": traceparent})
    return found if get_current_span(found).get_span_context().is_valid else None


def _propagator() -> Any:
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415  an extra
        TraceContextTextMapPropagator,
    )

    return TraceContextTextMapPropagator()


def _processor(exporter: Any, endpoint: str) -> Any:
    from opentelemetry.sdk.trace import export  # noqa: PLC0415  an extra, present here

    if exporter is not None:
        return export.SimpleSpanProcessor(exporter)
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415  an extra
        OTLPSpanExporter,
    )

    return export.BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint))


def _endpoint() -> str:
    named = next((name for name in VARIABLES if os.environ.get(name)), "")
    if not named:
        return ""
    address = os.environ[named]
    # By its own rules the address for traces is whole, and the general one has no path.
    is_whole = named == VARIABLES[1] or address.rstrip("/").endswith(_PATH)
    return address if is_whole else address.rstrip("/") + _PATH


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000
