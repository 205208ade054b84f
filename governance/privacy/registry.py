"""Whose data it can be: the room that knows customers puts a source in at start-up."""

from typing import Protocol

from governance.privacy.types import Subject
from orchestra.core.registry import Registry


class SubjectSource(Protocol):
    """Finds whose data it is."""

    def find(self, text: str) -> Subject | None:
        """Return the subject of a customer's reference or of a label such as ``C-12``, or None."""


#: One source, under any name.
subjects: Registry[SubjectSource] = Registry("source of subjects")
