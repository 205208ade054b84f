"""A policy document as YAML that people keep and edit, and back, with the place of each error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from governance.policies.catalogue import Catalogue
from governance.policies.parsing import parse_policy
from orchestra.core.canonical import check_text
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.said import said as _
from orchestra.core.yaml_text import Located, read_located, write_yaml

Json = Any

_POLICY: Final = ("key", "title", "scope", "thresholds", "rules", "limits", "invariants")
_RULE: Final = ("id", "title", "disabled", "when", "outcome", "obligations", "reason")
_LIMIT: Final = (
    "key",
    "title",
    "disabled",
    "measure",
    "currency",
    "per",
    "window_hours",
    "at_most",
    "outcome",
    "obligations",
    "reason",
)
_INVARIANT: Final = ("id", "title", "when", "then")
_THEN: Final = ("outcome", "votes", "roles", "step_up")


@dataclass(frozen=True, slots=True)
class Placed:
    """One error of a YAML text.

    Attributes:
        line: From 1.
        column: From 1.
        path: Of the value, such as ``rules[3].when[0].fact``; empty for the text as a whole.
    """

    line: int
    column: int
    path: str
    code: str
    message: str

    def __str__(self) -> str:
        """Return the error as one line a person can follow."""
        return _(
            "line %(line)d, column %(column)d: %(path)s%(message)s",
            line=self.line,
            column=self.column,
            path=f"{self.path}: " if self.path else "",
            message=self.message,
        )


def to_yaml(document: Mapping[str, Json]) -> str:
    """Return a policy document as YAML, its fields always in the same order.

    Args:
        document: As stored; what it holds beyond the language stands at the end, sorted.
    """
    ordered = _ordered(document, _POLICY)
    for name, fields in (("rules", _RULE), ("limits", _LIMIT), ("invariants", _INVARIANT)):
        rows = ordered.get(name)
        if isinstance(rows, list | tuple):
            ordered[name] = [_row(row, fields) if isinstance(row, Mapping) else row for row in rows]
    return write_yaml(ordered, flow_leaves=True)


def from_yaml(
    text: str, *, catalogue: Catalogue | None = None
) -> tuple[dict[str, Json] | None, list[Placed]]:
    """Read a policy document and check it.

    Args:
        text: YAML without anchors, aliases, tags, repeated keys or numbers that JSON cannot
            hold, of at most 1 MiB.
        catalogue: Facts and tools to check the names against; None for no check of names.

    Returns:
        The document, or None where the text is no mapping; and every error with its place.
    """
    located = read_located(name="", text=text, strict=True)
    if located.findings:
        return None, [
            _placed(located, FieldError(each.field.partition(": ")[2], each.code, each.message))
            for each in located.findings
        ]
    if not isinstance(located.value, dict):
        return None, [Placed(1, 1, "", "type", _("the text must hold the fields of a policy"))]
    return located.value, [_placed(located, each) for each in _errors(located.value, catalogue)]


def _row(row: Mapping[str, Json], fields: Sequence[str]) -> dict[str, Json]:
    ordered = _ordered(row, fields)
    if isinstance(ordered.get("then"), Mapping):
        ordered["then"] = _ordered(ordered["then"], _THEN)
    return ordered


def _ordered(fields: Mapping[str, Json], first: Sequence[str]) -> dict[str, Json]:
    names = [name for name in first if name in fields]
    return {name: fields[name] for name in (*names, *sorted(set(fields) - set(names)))}


def _errors(document: dict[str, Json], catalogue: Catalogue | None) -> Sequence[FieldError]:
    try:
        check_text(document, "")
        parse_policy(document=document, version=1, digest="", catalogue=catalogue)
    except InvalidInputError as error:
        return error.errors
    return ()


def _placed(located: Located, error: FieldError) -> Placed:
    line, column = located.position(error.field)
    return Placed(line, column, error.field, error.code, error.message)
