"""Which documents are granted by name, and who is told of lost authority; filled at start-up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.access.types import Lost
from orchestra.core.actors import Actor
from orchestra.core.registry import Registry


@dataclass(frozen=True, slots=True)
class DocumentGrants:
    """A kind of document whose changing can be granted by name.

    Attributes:
        documents: The model of the documents, with ``key``, ``title`` and ``public_id``.
        by_person: The model of a person's grants on one document.
        by_role: The model of a role's grants on one document.
        permission: Codename of the one permission these rows give.
    """

    documents: Any
    by_person: Any
    by_role: Any
    permission: str


#: Kind of document, as its change requests name it, to its grants.
document_grants: Registry[DocumentGrants] = Registry("kind of document that is granted by name")

#: What the rooms above do when somebody's authority shrinks or ends, each under its own name;
#: called in the same transaction, with who did it, when, and what is lost.
lost: Registry[Callable[[Actor, datetime, Lost], None]] = Registry("handler of lost authority")


def tell_lost(*, actor: Actor, now: datetime, what: Lost) -> None:
    """Tell every room above that authority is gone."""
    for name in lost:
        lost.get(name)(actor, now, what)
