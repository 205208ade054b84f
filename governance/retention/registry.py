"""Which classes of record there are, and whose a case is: filled at start-up by the rooms above."""

from collections.abc import Collection, Mapping
from typing import Protocol

from governance.retention.types import CaseRef, RecordClass
from orchestra.core.registry import Registry


class CaseSource(Protocol):
    """Knows cases by their public ids."""

    def refs(self, ids: Collection[str]) -> Mapping[str, CaseRef]:
        """Return the cases there are, by public id, in one query."""


#: Every class of record, by its code.
classes: Registry[RecordClass] = Registry("class of record")
#: One source, under any name.
cases: Registry[CaseSource] = Registry("source of cases")


def case_refs(ids: Collection[str]) -> dict[str, CaseRef]:
    """Return the cases of some public ids."""
    found: dict[str, CaseRef] = {}
    for name in cases:
        found |= cases.get(name).refs(ids)
    return found


def in_order() -> list[RecordClass]:
    """Return the classes, as they were registered."""
    return [classes.get(code) for code in classes]
