"""How a scope is stored and named, which gaps hold an export up, how far it is; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from governance.evidence.types import (
    ControlGap,
    ExportScope,
    ExportState,
    Gap,
    ScopeKind,
    Stage,
    StageProgress,
)
from orchestra.core.canonical import digest
from orchestra.core.clock import parse_rfc3339, rfc3339

Json = Any

SCOPE_DOMAIN = "orchestra.evidence.scope.v1"
LONGEST_EXPLANATION = 2000


def scope_as_json(scope: ExportScope) -> dict[str, Json]:
    """Return a scope as it is stored."""
    frozen = {"selection": dict(scope.selection), "name": scope.name} if scope.selection else {}
    return {
        "kind": str(scope.kind),
        "key": scope.key,
        "since": rfc3339(scope.since) if scope.since else "",
        "until": rfc3339(scope.until) if scope.until else "",
        **frozen,
    }


def read_scope(stored: Mapping[str, Json]) -> ExportScope:
    """Return the scope that was stored."""
    return ExportScope(
        kind=ScopeKind(stored["kind"]),
        key=str(stored["key"]),
        since=_moment(stored["since"]),
        until=_moment(stored["until"]),
        selection=stored.get("selection"),
        name=str(stored.get("name", "")),
    )


def closed(scope: ExportScope, now: datetime) -> ExportScope:
    """Return a scope whose span ends now where it has no end, or a later one.

    A case that is asked for whole has no span.
    """
    if scope.kind is ScopeKind.CASE and scope.since is None:
        return scope
    return replace(scope, until=min(scope.until or now, now))


def scope_digest(scope: ExportScope) -> str:
    """Return what a scope is recognised by when it is exported again over another span."""
    named: dict[str, Json] = {"kind": str(scope.kind), "key": scope.key}
    if scope.selection:
        spans = ("since", "until")
        named["selection"] = {
            name: value for name, value in scope.selection.items() if name not in spans
        }
    return digest(SCOPE_DOMAIN, named)


def gap_as_json(gap: Gap) -> dict[str, Json]:
    """Return a gap as it is stored."""
    return {**asdict(gap), "missing": list(gap.missing)}


def read_gaps(stored: Iterable[Mapping[str, Json]]) -> tuple[Gap, ...]:
    """Return the gaps that were stored."""
    return tuple(Gap(**{**one, "missing": tuple(one["missing"])}) for one in stored)


def gap_of(line: ControlGap) -> Gap:
    """Return a line of a control's report as a gap nobody has explained yet."""
    return Gap(
        code=line.code,
        title=str(line.title),
        complete=line.complete,
        total=line.total,
        missing=tuple(line.missing),
        note=str(getattr(line, "note", "")),
    )


def explain(
    gaps: Sequence[Gap], *, code: str, explanation: str, by: str, now: datetime
) -> tuple[Gap, ...]:
    """Return the gaps with one of them explained.

    Raises:
        LookupError: There is no such gap.
    """
    if not any(gap.code == code for gap in gaps):
        raise LookupError(code)
    return tuple(
        replace(gap, explanation=explanation, explained_by=by, explained_at=rfc3339(now))
        if gap.code == code
        else gap
        for gap in gaps
    )


def open_gaps(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """Return the gaps that need an explanation before anything is built."""
    return tuple(gap for gap in gaps if gap.is_open)


def progress(
    *, state: ExportState, stage: Stage, done: int, total: int, counts: Mapping[str, int]
) -> tuple[StageProgress, ...]:
    """Return how far each step of a building is, in the order they are taken.

    Args:
        state: Where the export stands.
        stage: The step it is at.
        done: How many entries are in the working files.
        total: How many there are to be.
        counts: What was added up so far.
    """
    order = list(Stage)
    reached = len(order) if state in (ExportState.DONE, ExportState.DELETED) else order.index(stage)
    running = state is ExportState.RUNNING

    def at(place: int) -> str:
        if place < reached:
            return "done"
        return "running" if running and place == reached else "waiting"

    streams = counts.get("streams", 0)
    withheld = counts.get("withheld", 0)
    return (
        StageProgress("entries", done, total, at(0)),
        StageProgress("redactions", withheld, withheld, at(0)),
        StageProgress("proofs", done, total, at(0)),
        StageProgress("streams", counts.get("streams_done", 0), streams, at(1)),
        StageProgress("pack", 0, 0, at(2)),
        StageProgress("verify", 0, 0, at(3)),
    )


def _moment(text: str) -> datetime | None:
    return parse_rfc3339(text) if text else None
