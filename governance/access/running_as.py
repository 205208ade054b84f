"""What AI agents ran as at given moments; read."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from governance.access.models import AgentIdentity, AgentVersion
from orchestra.core.prepared import Prepared, fill


def list_agent_versions(*, agent: AgentIdentity) -> QuerySet[AgentVersion]:
    """Return what an AI agent ran as, the newest first."""
    return AgentVersion.objects.filter(agent=agent).order_by("-began_at", "-pk")


@dataclass(frozen=True, slots=True)
class RanAs:
    """What one AI agent ran as, from when on.

    Attributes:
        times: When each version began, in order.
        labels: Of each, as many.
    """

    times: tuple[datetime, ...] = ()
    labels: tuple[str, ...] = ()

    def at(self, moment: datetime) -> str:
        """Return the label of the version at a moment; empty before the first."""
        place = bisect_right(self.times, moment)
        return self.labels[place - 1] if place else ""


def versions_of(agents: Iterable[str]) -> Mapping[str, RanAs]:
    """Return what AI agents ran as; one query.

    Args:
        agents: Public ids as text; what is none has no versions.
    """
    wanted = sorted({found for one in agents if (found := _uuid(one)) is not None})
    known: dict[str, RanAs] = {}
    for agent, at, label in _VERSIONS.rows(fill(wanted)) if wanted else ():
        before = known.get(str(agent), RanAs())
        known[str(agent)] = RanAs((*before.times, at), (*before.labels, label))
    return known


def agent_versions_at(
    moments: Iterable[tuple[str, datetime]],
) -> Mapping[tuple[str, datetime], str]:
    """Return what each AI agent ran as at each moment; one query.

    Args:
        moments: Public id of an agent as text, and when.

    Returns:
        The label of the version for each of them; empty before the first version.
    """
    wanted = set(moments)
    known = versions_of(agent for agent, _at in wanted)
    return {(agent, at): known.get(agent, RanAs()).at(at) for agent, at in wanted}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


_VERSIONS: Final = Prepared(
    lambda agents: (
        AgentVersion.objects.filter(agent__public_id__in=agents)
        .order_by("began_at", "pk")
        .values_list("agent__public_id", "began_at", "label")
    )
)
