"""What AI agents ran as at given moments; read."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from governance.access.models import AgentIdentity, AgentVersion


def list_agent_versions(*, agent: AgentIdentity) -> QuerySet[AgentVersion]:
    """Return what an AI agent ran as, the newest first."""
    return AgentVersion.objects.filter(agent=agent).order_by("-began_at", "-pk")


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
    rows = AgentVersion.objects.filter(agent__public_id__in={agent for agent, _at in wanted})
    known: dict[str, tuple[list[datetime], list[str]]] = {}
    for row in rows.select_related("agent").order_by("began_at", "pk"):
        times, labels = known.setdefault(str(row.agent.public_id), ([], []))
        times.append(row.began_at)
        labels.append(row.label)
    found: dict[tuple[str, datetime], str] = {}
    for agent, at in wanted:
        times, labels = known.get(agent, ([], []))
        place = bisect_right(times, at)
        found[agent, at] = labels[place - 1] if place else ""
    return found
