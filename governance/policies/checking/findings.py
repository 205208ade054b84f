"""What checks and proofs find, as values; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from governance.policies.seen import ABSENT, UNKNOWN

Json = Any


class Severity(StrEnum):
    """What follows from a finding: an error stops submission, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in a decision table.

    Attributes:
        row: Id of the row, the limit or the invariant; empty for the table as a whole.
        path: Where it stands in the document, such as ``rules[3]``.
        code: Stable code of what was found.
        message: One sentence in plain words.
        facts: An example of where it shows, fact to value; unknown ones stand as null.
        others: Paths of the rows on the other side, for one that stands against others.
    """

    row: str
    path: str
    severity: Severity
    code: str
    message: str
    facts: Mapping[str, Json] = field(default_factory=dict)
    others: tuple[str, ...] = ()


def facts_of(point: Mapping[str, Json]) -> dict[str, Json]:
    """Return a point as facts to show: unknown ones as null, without those that do not apply."""
    return {
        fact: None if value is UNKNOWN else value
        for fact, value in point.items()
        if value is not ABSENT
    }
