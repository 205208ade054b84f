"""What of a document can be read while some of its rows cannot; pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Json = Any

GROUPS: Final = ("rules", "limits", "invariants")
_ROW: Final = re.compile(rf"({'|'.join(GROUPS)})\[(\d+)\](.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """A document without the rows that cannot be read.

    Attributes:
        document: What is left of it.
        places: Name of a list to where each row that is left stood in the whole.
        is_whole: Whether no row was left aside.
    """

    document: Mapping[str, Json]
    places: Mapping[str, Sequence[int]]
    is_whole: bool

    @property
    def has_rows(self) -> bool:
        """Whether anything is left to be compared."""
        return bool(self.places["rules"] or self.places["limits"])

    def place(self, path: str) -> str:
        """Return where something that stands in the part stands in the whole."""
        found = _ROW.fullmatch(path)
        if found is None:
            return path
        return f"{found[1]}[{self.places[found[1]][int(found[2])]}]{found[3]}"


def readable_part(document: Mapping[str, Json], unread: Collection[str]) -> Part:
    """Return a document without some of its rows.

    Args:
        document: The document; a list that is none stays as it is.
        unread: Paths of what cannot be read, such as ``rules[3].when[0].fact``; those that
            are of no row leave none aside.
    """
    aside = {(found[1], int(found[2])) for path in unread if (found := _ROW.fullmatch(path))}
    rows = {name: value for name in GROUPS if isinstance(value := document.get(name), list | tuple)}
    places = {
        name: [at for at in range(len(rows.get(name, ()))) if (name, at) not in aside]
        for name in GROUPS
    }
    left = {name: [value[at] for at in places[name]] for name, value in rows.items()}
    return Part({**document, **left}, places, is_whole=not aside)


def is_of_a_row(path: str) -> bool:
    """Return whether something stands in a row or a limit, not in the table as a whole."""
    found = _ROW.fullmatch(path)
    return found is not None and found[1] != "invariants"
