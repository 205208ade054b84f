"""What one of Orchestra's own tools is, and who calls it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cases.memory import selectors as memory
from cases.memory.models import Case
from governance.access.types import Authority, Capability
from orchestra.core.actors import Actor
from orchestra.mcp.schemas import Shape

Json = Any
Body = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Caller:
    """The AI agent that calls, and all that it holds, read once a request."""

    actor: Actor
    authority: Authority

    def case(self, case_id: str) -> Case:
        """Return a case that the caller may see.

        Raises:
            NotFoundError: There is none, or not for this caller.
        """
        return memory.get_case(authority=self.authority, case_id=case_id)


@dataclass(frozen=True, slots=True)
class OwnTool:
    """One tool of Orchestra itself.

    Attributes:
        takes: Shape of its arguments.
        gives: Shape of its result.
        capability: What a caller has to hold, wherever.
        act: Name of what it does, as refused acts are recorded; empty for one that only reads.
        adds_once: Whether doing the same again changes nothing further.
    """

    name: str
    title: str
    description: str
    takes: Shape
    gives: Shape
    capability: Capability
    run: Callable[[Caller, Body], dict[str, Json]]
    act: str = ""
    adds_once: bool = False
