"""What an editor's buttons do to the rows of a document: add, copy, order, disable, remove."""

import copy
from collections.abc import Callable, Iterable
from typing import Any, Final

from governance.admin.table_diff import places_of_gone
from governance.admin.table_models import MODELS, new_row

Json = Any
Document = dict[str, Any]

GROUPS: Final = ("rules", "limits", "invariants")
#: Field that names a row.
NAMING: Final = {"rules": "id", "limits": "key", "invariants": "id"}
#: More rows open at once would send more fields than a form may have.
MAX_OPEN: Final = 20


def rows_of(document: Document, group: str) -> list[dict[str, Json]]:
    """Return the rows of a document that are mappings; what is none becomes an empty one."""
    rows = document.get(group)
    listed = rows if isinstance(rows, list | tuple) else []
    return [dict(row) if isinstance(row, dict) else {} for row in listed]


def conditions_of(row: dict[str, Json]) -> list[dict[str, Json]]:
    """Return the conditions of a row that are mappings; what is none becomes an empty one."""
    listed = row.get("when")
    when = listed if isinstance(listed, list | tuple) else []
    return [dict(each) if isinstance(each, dict) else {} for each in when]


def parse_ref(ref: str, document: Document) -> tuple[str, int] | None:
    """Return group and index of a row such as ``rules.3``, or None where there is none."""
    group, _, number = ref.partition(".")
    if group not in GROUPS or not (number.isascii() and number.isdigit()):
        return None
    index = int(number) if len(number) < len("100000") else -1
    return (group, index) if 0 <= index < len(rows_of(document, group)) else None


def act_on(
    document: Document, act: str, opened: Iterable[str], *, against: Document | None = None
) -> tuple[Document, list[str]]:
    """Return the document and the open rows after one button.

    Args:
        document: The document; it is not changed.
        act: Name and row, such as ``down:rules.3``; anything else changes nothing.
        opened: Rows that were open, such as ``rules.3``.
        against: The text that a row taken away is put back from.
    """
    name, _, ref = act.partition(":")
    kept = [one for one in dict.fromkeys(opened) if parse_ref(one, document)]
    if name == "add" and ref in GROUPS:
        return _added(document, ref, new_row(ref), kept)
    if name == "model" and ref in MODELS:
        return _added(document, "rules", MODELS[ref].row(), kept)
    if name == "back":
        return _put_back(document, ref, against or {}, kept)
    row_ref, _, condition = ref.partition("/")
    place = parse_ref(row_ref, document)
    if place is None:
        return document, kept[:MAX_OPEN]
    return _changed(document, name, place, condition, kept)


def _changed(
    document: Document, name: str, place: tuple[str, int], condition: str, kept: list[str]
) -> tuple[Document, list[str]]:
    """Return the document and the open rows after a button of one row."""
    group, index = place
    ref = f"{group}.{index}"
    changed = {**document, group: rows_of(document, group)}
    if name in _ROW_ACTS:
        moved = _ROW_ACTS[name](changed[group], index, group)
        kept = [new for one in kept if (new := _moved(one, group, moved))]
        if name in {"copy", "up", "down"}:
            kept.append(f"{group}.{moved.get(index, index) + (name == 'copy')}")
    elif name == "fold":
        kept = [one for one in kept if one != ref]
    else:
        if name in _CHANGES:
            changed[group][index] = _CHANGES[name](changed[group][index], condition)
        kept.append(ref)
    if not changed[group] and group == "invariants":
        # A document that states none says nothing of them.
        del changed[group]
    return changed, list(dict.fromkeys(kept))[-MAX_OPEN:]


def _added(
    document: Document, group: str, row: dict[str, Json], kept: list[str]
) -> tuple[Document, list[str]]:
    rows = rows_of(document, group)
    named = {NAMING[group]: _free(rows, group, str(row[NAMING[group]]))}
    return {**document, group: [*rows, {**row, **named}]}, [*kept, f"{group}.{len(rows)}"][
        -MAX_OPEN:
    ]


def _put_back(
    document: Document, ref: str, against: Document, kept: list[str]
) -> tuple[Document, list[str]]:
    """Return the document with a row of another text, where it stood among those that stay."""
    place = parse_ref(ref, against)
    if place is None:
        return document, kept
    group, index = place
    before, rows = rows_of(against, group), rows_of(document, group)
    names = [str(row.get(NAMING[group])) for row in rows]
    gone = places_of_gone([str(row.get(NAMING[group])) for row in before], names)
    at = next((where for where, which in gone.items() if index in which), None)
    if at is None:
        return document, kept
    moved: dict[int, int | None] = {each: each + 1 for each in range(at, len(rows))}
    rows.insert(at, copy.deepcopy(before[index]))
    kept = [new for one in kept if (new := _moved(one, group, moved))]
    return {**document, group: rows}, kept[:MAX_OPEN]


def _free(rows: list[dict[str, Json]], group: str, wanted: str) -> str:
    taken = {row.get(NAMING[group]) for row in rows}
    number = next(n for n in range(1, len(rows) + 2) if f"{wanted}_{n}" not in taken)
    return f"{wanted}_{number}"


def _swap(rows: list[dict[str, Json]], one: int, other: int) -> dict[int, int | None]:
    if not 0 <= other < len(rows):
        return {}
    rows[one], rows[other] = rows[other], rows[one]
    return {one: other, other: one}


def _up(rows: list[dict[str, Json]], index: int, _group: str) -> dict[int, Any]:
    return _swap(rows, index, index - 1)


def _down(rows: list[dict[str, Json]], index: int, _group: str) -> dict[int, Any]:
    return _swap(rows, index, index + 1)


def _copy(rows: list[dict[str, Json]], index: int, group: str) -> dict[int, Any]:
    twin = copy.deepcopy(rows[index])
    twin[NAMING[group]] = _free(rows, group, str(twin.get(NAMING[group]) or "row"))
    rows.insert(index + 1, twin)
    return {place: place + 1 for place in range(index + 1, len(rows) - 1)}


def _remove(rows: list[dict[str, Json]], index: int, _group: str) -> dict[int, Any]:
    del rows[index]
    return {index: None} | {place: place - 1 for place in range(index + 1, len(rows) + 1)}


def _moved(ref: str, group: str, moved: dict[int, int | None]) -> str:
    of, _, number = ref.partition(".")
    if of != group:
        return ref
    index = moved.get(int(number), int(number))
    return "" if index is None else f"{group}.{index}"


def _off(row: dict[str, Json], _condition: str) -> dict[str, Json]:
    return {**row, "disabled": True}


def _on(row: dict[str, Json], _condition: str) -> dict[str, Json]:
    return {name: value for name, value in row.items() if name != "disabled"}


def _more(row: dict[str, Json], _condition: str) -> dict[str, Json]:
    return {**row, "when": [*conditions_of(row), {"fact": ""}]}


def _less(row: dict[str, Json], condition: str) -> dict[str, Json]:
    kept = [one for at, one in enumerate(conditions_of(row)) if str(at) != condition]
    return {**row, "when": kept}


_ROW_ACTS: Final[dict[str, Callable[[list[dict[str, Json]], int, str], dict[int, Any]]]] = {
    "up": _up,
    "down": _down,
    "copy": _copy,
    "remove": _remove,
}
_CHANGES: Final[dict[str, Callable[[dict[str, Json], str], dict[str, Json]]]] = {
    "off": _off,
    "on": _on,
    "more": _more,
    "less": _less,
}
