"""Reads of stops. Nothing is kept in memory: a stop holds for whoever asks after its commit."""

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext as _

from governance.access.models import AgentIdentity
from governance.ledger import selectors as ledger
from governance.switches import entries, registry
from governance.switches.models import Stop
from governance.switches.registry import TargetSource
from governance.switches.types import StopScope, Target, Touched
from orchestra.core.errors import NotFoundError
from orchestra.core.prepared import Prepared
from orchestra.core.together import Reading, answer, read

_DRILLS_LOOKED_AT: Final = 5


def in_force() -> QuerySet[Stop]:
    """Return the stops that stand now, newest first."""
    return Stop.objects.filter(lifted_at__isnull=True).order_by("-pk")


_TOUCHING = Prepared(lambda *touched: in_force().filter(_on(*touched)))


def find_stop(touched: Touched) -> Stop | None:
    """Return a stop that stops this now, the widest first; None where nothing does: one query."""
    rows = _TOUCHING.rows(touched.agent, touched.tool, touched.cue_sheet)
    return min(rows, key=_reach, default=None)


def stops_row(*, agent: Any, tool: Any, cue_sheet: Any) -> Exists:
    """Return the condition that a stop stands on a row, asked in the row's own statement.

    Args:
        agent: Expression on the row, such as ``OuterRef("requester_id")``.
        tool: The same for the tool's name.
        cue_sheet: The same for the cue sheet's key.
    """
    return Exists(Stop.objects.filter(_on(agent, tool, cue_sheet), lifted_at__isnull=True))


def stands_on(scope: StopScope, key: Any) -> Exists:
    """Return the condition that a stop stands on exactly this, asked in the row's own statement.

    Args:
        scope: What is stopped.
        key: Expression on the row, such as ``OuterRef("name")``.
    """
    return Exists(Stop.objects.filter(scope=scope, key=key, lifted_at__isnull=True))


def list_touching(
    *, agents: Collection[str], tools: Collection[str], cue_sheets: Collection[str]
) -> Sequence[Stop]:
    """Return the stops that stand on any of these, the widest first: one query."""
    rows = in_force().filter(
        Q(scope=StopScope.EVERYTHING)
        | Q(scope=StopScope.AGENT, key__in=agents)
        | Q(scope=StopScope.TOOL, key__in=tools)
        | Q(scope=StopScope.CUE_SHEET, key__in=cue_sheets)
    )
    return sorted(rows, key=_reach)


def touching_among(
    rows: Iterable[Stop],
    *,
    agents: Collection[str],
    tools: Collection[str],
    cue_sheets: Collection[str],
) -> Sequence[Stop]:
    """Return those that ``list_touching`` finds, of all stops in force, newest first."""
    touched = {
        StopScope.AGENT: agents,
        StopScope.TOOL: tools,
        StopScope.CUE_SHEET: cue_sheets,
    }
    found = [row for row in rows if row.scope == StopScope.EVERYTHING or _is_on(row, touched)]
    return sorted(found, key=_reach)


def _is_on(row: Stop, touched: Mapping[StopScope, Collection[str]]) -> bool:
    return row.key in touched[StopScope(row.scope)]


def list_lifted() -> QuerySet[Stop]:
    """Return the stops that ended, the newest end first."""
    return Stop.objects.filter(lifted_at__isnull=False).order_by("-lifted_at", "-pk")


def get_stop(stop_id: UUID) -> Stop:
    """Return a stop by its public id.

    Raises:
        NotFoundError: There is none.
    """
    found = Stop.objects.filter(public_id=stop_id).first()
    if found is None:
        raise not_found()
    return found


def find_in_force(scope: StopScope, key: str) -> Stop | None:
    """Return the stop that stands on exactly this, or None."""
    return in_force().filter(scope=scope, key=key).first()


def find_target(scope: StopScope, key: str) -> Target | None:
    """Return what a key or name means in a scope, or None."""
    if scope is StopScope.EVERYTHING:
        return Target("", _("everything"))
    source = _source(scope)
    return source.find(key.strip()) if source and key.strip() else None


def list_targets(scope: StopScope) -> Sequence[Target]:
    """Return what can be stopped in a scope, by name."""
    source = _source(scope)
    return source.choices() if source else ()


def last_passed_drill() -> datetime | None:
    """Return when a drill last showed that a stop ends new work in time, None for never.

    Looks at the newest drills only: one that passed long before many that failed says nothing.
    """
    return answer(reading_last_passed_drill())


def reading_last_passed_drill() -> Reading[datetime | None]:
    """Come to when a drill last passed, as ``last_passed_drill`` returns it."""
    newest = ledger.list_entries().filter(kind=entries.DRILLED)[:_DRILLS_LOOKED_AT]
    drills = yield from read(newest)
    passed = (one.at for one in drills if (ledger.payload_of(entry=one) or {}).get("passed"))
    return next(passed, None)


def not_found() -> NotFoundError:
    """Return the one answer where there is no such stop."""
    return NotFoundError(_("There is no such stop. Nothing was changed."), code="not_found.stop")


def _on(agent: Any, tool: Any, cue_sheet: Any) -> Q:
    return (
        Q(scope=StopScope.EVERYTHING)
        | Q(scope=StopScope.AGENT, key=agent)
        | Q(scope=StopScope.TOOL, key=tool)
        | Q(scope=StopScope.CUE_SHEET, key=cue_sheet)
    )


def _reach(stop: Stop) -> int:
    order = (StopScope.EVERYTHING, StopScope.AGENT, StopScope.TOOL, StopScope.CUE_SHEET)
    return order.index(StopScope(stop.scope))


def _source(scope: StopScope) -> TargetSource | None:
    return _AGENTS if scope is StopScope.AGENT else registry.targets.find(scope)


def _find_agent(key: str) -> Target | None:
    rows = AgentIdentity.objects.filter(name=key)
    with contextlib.suppress(ValueError):
        rows = AgentIdentity.objects.filter(Q(name=key) | Q(public_id=UUID(key)))
    found = rows.first()
    return Target(str(found.public_id), found.name) if found else None


def _agents() -> Sequence[Target]:
    rows = AgentIdentity.objects.filter(is_active=True).order_by("name")
    return [Target(str(one.public_id), one.name) for one in rows]


_AGENTS = TargetSource(find=_find_agent, choices=_agents)
