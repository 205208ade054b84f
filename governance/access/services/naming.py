"""What the ledger calls each grant: its stream, its words, its kinds of entries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from governance.access import entries
from governance.access.models import (
    AgentQueueGrant,
    KindGroupGrant,
    KindUserGrant,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
)
from governance.access.types import QueueGrant
from orchestra.core.actors import system

#: That a grant's time is over is nobody's act.
ACCESS = system("access")

_WORDS = {
    QueueGrant.READ: "reading",
    QueueGrant.WORK: "working",
    QueueGrant.VOTE: "voting",
}


@dataclass(frozen=True, slots=True)
class Named:
    """How a grant is told.

    Attributes:
        holder: Who holds it, in words.
        what: What it is, in words.
        payload: What its entries hold besides.
    """

    stream: str
    holder: str
    what: str
    payload: Mapping[str, Any]
    subject_kind: str
    subject_id: str


def name_of(row: Any) -> Named:
    """Return how a grant is told."""
    return _NAMERS.get(type(row), _document)(row)


def given_kind(row: Any) -> str:
    """Return the kind of the entry that says a grant was given."""
    return _KINDS.get(type(row), _OF_DOCUMENTS)[0]


def taken_kind(row: Any) -> str:
    """Return the kind of the entry that says a grant was taken."""
    return _KINDS.get(type(row), _OF_DOCUMENTS)[1]


def ended_kind(row: Any) -> str:
    """Return the kind of the entry that says a grant's time was over."""
    del row
    return entries.GRANT_ENDED


def _named(row: Any, what: str, subject: tuple[str, str], **payload: Any) -> Named:
    stream, holder = _holder(row)
    return Named(
        stream=stream,
        holder=holder,
        what=what,
        payload={"holder": holder, "what": what, **payload},
        subject_kind=subject[0],
        subject_id=subject[1],
    )


def _holder(row: Any) -> tuple[str, str]:
    if hasattr(row, "agent_id"):
        return f"agent:{row.agent.public_id}", row.agent.name
    if hasattr(row, "user_id"):
        return f"user:{row.user.public_id}", row.user.label
    return "system", row.group.name


def _role(row: Any) -> Named:
    role = row.group.name
    subject = ("user", str(row.user.public_id))
    words = f"the role {role.replace('_', ' ')}"
    return _named(row, words, subject, person=row.user.label, role=role)


def _queue(row: Any) -> Named:
    queue, grant = row.content_object, QueueGrant(row.permission.codename)
    return _named(
        row,
        f"{_WORDS[grant]} on the queue {queue.title}",
        ("queue", str(queue.public_id)),
        queue=queue.title,
        key=queue.key,
        grant=_WORDS[grant],
        code=grant.value,
    )


def _agent(row: Any) -> Named:
    queue = row.queue
    subject = ("agent", str(row.agent.public_id))
    words = f"working on the queue {queue.title}"
    return _named(row, words, subject, agent=row.agent.name, queue=queue.title, key=queue.key)


def _kind(row: Any) -> Named:
    stream, _holder_label = _holder(row)
    words = f"changing every {row.kind.replace('_', ' ')}"
    subject = ("user", stream.removeprefix("user:")) if hasattr(row, "user_id") else ("", "")
    return _named(row, words, subject, kind=row.kind)


def _document(row: Any) -> Named:
    document = row.content_object
    kind = document._meta.model_name  # noqa: SLF001  Django's documented entry for generic code
    return _named(
        row,
        f"changing {document}",
        (kind, str(document.public_id)),
        kind=kind,
        key=document.key,
        title=str(document),
    )


_NAMERS: Mapping[type[Any], Callable[[Any], Named]] = {
    RoleHolding: _role,
    QueueUserGrant: _queue,
    QueueGroupGrant: _queue,
    AgentQueueGrant: _agent,
    KindUserGrant: _kind,
    KindGroupGrant: _kind,
}
_OF_DOCUMENTS = (entries.DOCUMENT_GRANTED, entries.DOCUMENT_REVOKED)
_KINDS: Mapping[type[Any], tuple[str, str]] = {
    RoleHolding: (entries.ROLE_GIVEN, entries.ROLE_TAKEN),
    QueueUserGrant: (entries.QUEUE_GRANTED, entries.QUEUE_REVOKED),
    QueueGroupGrant: (entries.QUEUE_GRANTED, entries.QUEUE_REVOKED),
    AgentQueueGrant: (entries.AGENT_GRANTED, entries.AGENT_GRANT_REVOKED),
}
