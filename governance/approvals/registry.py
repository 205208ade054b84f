"""What happens once a request is decided; filled by the apps above at start-up."""

from collections.abc import Callable
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
