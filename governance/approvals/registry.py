"""What the rooms above do and know of approvals; filled by their apps at start-up."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from governance.approvals.models import ApprovalRequest
from orchestra.core.registry import Registry


@dataclass(frozen=True, slots=True)
class DecidedHandler:
    """What the room of an approval's subject does.

    Attributes:
        lock: Locks the case with this public id, before the request is locked.
        decided: Called in the same transaction when a request was granted or rejected, or
            expired or was voided; not when a grant is used, since its user knows.
    """

    lock: Callable[[str], None]
    decided: Callable[[ApprovalRequest, datetime], None]


#: Subject kind to its handler.
handlers: Registry[DecidedHandler] = Registry("approval handler")


@dataclass(frozen=True, slots=True)
class ReversalSource:
    """Where it is known that what an approval allowed was undone later.

    Attributes:
        find: Which subjects (public ids) were undone since a moment. It may name more than an
            approval was asked for: it is asked by the moment, since a span holds thousands.
    """

    find: Callable[[datetime], Collection[str]]


@dataclass(frozen=True, slots=True)
class EditSource:
    """Where it is known that a person changed what an approval was asked for.

    Attributes:
        find: Which subjects (public ids) were edited since a moment, each with the editor's
            public id; it may name more than an approval was asked for.
    """

    find: Callable[[datetime], Mapping[str, str]]


#: Name of a source to what it knows.
edits: Registry[EditSource] = Registry("edit source")
#: Reviews of quality answer under this key, once there are any.
QA_REVIEWS = "qa_reviews"
#: Name of a source to what it knows.
reversals: Registry[ReversalSource] = Registry("reversal source")
