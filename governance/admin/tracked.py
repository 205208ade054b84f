"""The kinds of records whose earlier versions can be read; filled by the rooms' faces."""

from dataclasses import dataclass

from django.db.models import Model

from governance.access.types import Capability
from orchestra.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Tracked:
    """A kind of record whose versions can be read.

    Attributes:
        capability: What the reader needs; cases are asked for through their own selector.
        page: Name of the page that shows the record as it stands now; empty for none.
        key: Field by which that page names the record.
    """

    model: type[Model]
    capability: Capability
    page: str = ""
    key: str = ""


tracked_records: Registry[Tracked] = Registry("kind of tracked record")
