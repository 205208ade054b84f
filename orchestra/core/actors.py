"""Who acts: an AI agent, a person, or the system itself."""

from dataclasses import dataclass, field
from enum import StrEnum


class ActorKind(StrEnum):
    """The three kinds of principal that can act."""

    AGENT = "agent"
    HUMAN = "human"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """One principal, as the ledger names it.

    Attributes:
        kind: Whether an AI agent, a person or the system acts.
        id: Public id (UUID text) of the agent or person, or the name of the system part.
        label: Name shown to people; never part of a digest or a ledger leaf.
        pk: Internal key of the agent or user row; None for the system.
        via: Public id of the credential an AI agent acts by, which may carry less than the
            agent; empty where none was shown. Part of no entry, and of no comparison.
    """

    kind: ActorKind
    id: str
    label: str
    pk: int | None = None
    via: str = field(default="", compare=False)

    @property
    def is_human(self) -> bool:
        """Whether a person acts."""
        return self.kind is ActorKind.HUMAN

    @property
    def is_agent(self) -> bool:
        """Whether an AI agent acts."""
        return self.kind is ActorKind.AGENT

    def as_envelope(self) -> dict[str, str]:
        """Return the two keys that go into a ledger leaf."""
        return {"id": self.id, "kind": str(self.kind)}

    def as_payload(self) -> dict[str, str]:
        """Return kind, id and label, for erasable payloads and stored views."""
        return {"id": self.id, "kind": str(self.kind), "label": self.label}


def system(part: str) -> Actor:
    """Return the actor of a part of the system.

    Args:
        part: Stable lower-case name, such as ``sweep`` or ``journey``.
    """
    return Actor(kind=ActorKind.SYSTEM, id=part, label=part)
