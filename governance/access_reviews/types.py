"""Grants as they are reviewed, what may be said of them, and conflicts of duty, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from governance.access.types import Delegation


class GrantKind(StrEnum):
    """What sort of authority one grant is."""

    ROLE = "role"
    PERSON_QUEUE = "person_queue"
    ROLE_QUEUE = "role_queue"
    AGENT_QUEUE = "agent_queue"
    TOKEN = "token"  # noqa: S105  the name of a kind, no secret
    DOCUMENT = "document"
    EVERY_DOCUMENT = "every_document"


class ReviewState(StrEnum):
    """Where an access review stands."""

    OPEN = "open"
    FINISHED = "finished"


class ItemState(StrEnum):
    """What was decided about one grant."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REVOKED = "revoked"


class Present(StrEnum):
    """How a grant stands now, beside the frozen list."""

    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"


class Use(StrEnum):
    """What the last use of a grant was read from."""

    VOTE = "vote"
    ACT = "act"
    NOT_RECORDED = "not_recorded"


class ItemFilter(StrEnum):
    """The filters of a review's list."""

    LEFT = "left"
    ALL = "all"
    CONFLICTS = "conflicts"
    UNUSED = "unused"
    AGENTS = "agents"
    CHANGED = "changed"


class ConflictKind(StrEnum):
    """Two duties that one holder should not have, or that are for a person to judge."""

    RULES_AND_VOTES = "rules_and_votes"
    AGENT_AND_VOTES = "agent_and_votes"
    ACCESS_AND_VOTES = "access_and_votes"
    ACCESS_AND_REVIEW = "access_and_review"
    WRITES_AND_PUBLISHES = "writes_and_publishes"
    SUPERUSER = "superuser"
    HANDS_ON = "hands_on"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One conflict of duty of one person.

    Attributes:
        person_id: Public id of whose it is.
        places: Titles of the queues it touches.
        others: Names of the agents or people it touches.
        keys: Keys of the grants it is shown at.
    """

    kind: ConflictKind
    person_id: str
    places: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """Who gave a grant, and when, as far as it is recorded."""

    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """One grant that stands now.

    Attributes:
        key: Names the grant for good: who, what, where.
        ref: Names this giving of it; taken and given again, it is another.
        holder_id: Public id of the person or agent, or a role's code.
        holder_kind: ``human``, ``agent`` or ``role``.
        code: A role's code, a queue grant's code, a kind of document, or a token's prefix.
        place_id: Public id of the queue, or key of the document, it holds on; empty for what
            holds everywhere.
        subject_ids: Public ids of the people who may not review it, since it is theirs.
    """

    kind: GrantKind
    key: str
    holder_id: str
    holder_kind: str
    holder_label: str
    code: str
    ref: str = ""
    place_id: str = ""
    place_title: str = ""
    subject_ids: frozenset[str] = frozenset()
    given: Given = Given()
    until_at: datetime | None = None
    reason: str = ""

    @property
    def mark(self) -> str:
        """What a reviewer saw: another mark means that the grant is no longer that one."""
        return f"{self.ref}|{self.until_at.isoformat() if self.until_at else ''}"


@dataclass(frozen=True, slots=True)
class Used:
    """When a grant was last used, and how that is known."""

    how: Use = Use.NOT_RECORDED
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PersonHeld:
    """A person, as the rules on duties look at them."""

    id: str
    label: str
    active: bool
    is_superuser: bool


@dataclass(frozen=True, slots=True)
class AgentHeld:
    """An AI agent, as the rules on duties look at it.

    Attributes:
        answering_ids: Public ids of its owner and of whom it acts for.
        queue_ids: Public ids of the queues it works.
    """

    id: str
    name: str
    active: bool
    answering_ids: frozenset[str]
    queue_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Holdings:
    """All authority that stands at one moment.

    Attributes:
        people: Public id to person, disabled ones too.
        agents: Every AI agent.
        queues: Public id to title of every queue.
        delegations: What was handed over and is in force.
    """

    grants: tuple[HeldGrant, ...]
    people: Mapping[str, PersonHeld]
    agents: tuple[AgentHeld, ...] = ()
    queues: Mapping[str, str] = field(default_factory=dict)
    delegations: tuple[Delegation, ...] = ()

    def find(self, key: str) -> HeldGrant | None:
        """Return the grant with a key, or None where it does not stand."""
        return next((one for one in self.grants if one.key == key), None)


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What the filters look at.

    Attributes:
        is_changed: Whether it was not there, or was another, at the last review.
    """

    state: ItemState
    has_conflict: bool
    is_unused: bool
    is_agents: bool
    is_changed: bool
