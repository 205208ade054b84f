"""How much an AI agent used of its budget, as the rooms above count it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from orchestra.core.registry import Registry

#: Public id of an agent and a moment to bound of a budget to how much of it is used then.
AgentUse = Callable[[str, datetime], Mapping[str, int]]

agent_use: Registry[AgentUse] = Registry("count of what agents use")


def used_by(agent_id: str, now: datetime) -> dict[str, int]:
    """Return how much of each bound an agent used, as far as someone can say."""
    found: dict[str, int] = {}
    for key in agent_use:
        found.update(agent_use.get(key)(agent_id, now))
    return found
