"""Where a tool was imported from, and how often it may be called: parts of its document; pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cases.tools.types import CallLimit
from orchestra.core.errors import FieldError

Json = Any

PER: Final = ("agent", "customer")
MAX_CALLS: Final = 1_000_000
MAX_WINDOW_MINUTES: Final = 31 * 24 * 60
MAX_LIMITS: Final = 10
SOURCES: Final = ("openapi", "mcp")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_UPSTREAM: Final = frozenset({"source", "name", "digest", "says"})
_LIMIT: Final = frozenset({"calls", "per", "window_minutes"})


def upstream_errors(body: Mapping[str, Json]) -> Iterator[FieldError]:
    """Yield what is wrong with ``upstream``: where a tool was imported from.

    Args:
        body: ``{"source": "openapi", "name": text, "digest": hex, "says": {...}}``; what the
            upstream says of itself is kept to be read, and nothing relies on it.
    """
    for key in sorted(set(body) - _UPSTREAM):
        yield FieldError(f"upstream.{key}", "unknown", "is no part of it")
    if body.get("source") not in SOURCES:
        yield FieldError("upstream.source", "choice", "must be openapi or mcp")
    if not isinstance(body.get("name"), str) or not body["name"]:
        yield FieldError("upstream.name", "text", "must say what the upstream calls it")
    if not isinstance(body.get("digest"), str) or not _DIGEST.fullmatch(body["digest"]):
        yield FieldError("upstream.digest", "digest", "must be a SHA-256 in hex")
    if not isinstance(body.get("says", {}), Mapping):
        yield FieldError("upstream.says", "object", "must be an object")


def read_limits(listed: list[Json]) -> tuple[tuple[CallLimit, ...], list[FieldError]]:
    """Return the limits that are well declared, and what is wrong with the others.

    Args:
        listed: ``[{"calls": 10, "per": "agent", "window_minutes": 60}]``.
    """
    found: list[CallLimit] = []
    errors: list[FieldError] = []
    if len(listed) > MAX_LIMITS:
        errors.append(FieldError("limits", "range", f"holds more than {MAX_LIMITS} limits"))
        return (), errors
    for index, body in enumerate(listed):
        wrong = list(_limit_errors(body, f"limits[{index}]"))
        errors += wrong
        if not wrong:
            found.append(CallLimit(body["calls"], body["per"], body["window_minutes"]))
    return tuple(found), errors


def _limit_errors(body: Json, field: str) -> Iterator[FieldError]:
    if not isinstance(body, Mapping):
        yield FieldError(field, "object", "must be {calls, per, window_minutes}")
        return
    for key in sorted(set(map(str, body)) - _LIMIT):
        yield FieldError(f"{field}.{key}", "unknown", "is no part of a limit")
    if body.get("per") not in PER:
        yield FieldError(f"{field}.per", "choice", "must be agent or customer")
    yield from _whole(body.get("calls"), f"{field}.calls", MAX_CALLS)
    yield from _whole(body.get("window_minutes"), f"{field}.window_minutes", MAX_WINDOW_MINUTES)


def _whole(value: Json, field: str, most: int) -> Iterator[FieldError]:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        yield FieldError(field, "range", f"must be a whole number from 1 to {most}")
