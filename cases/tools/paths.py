"""Paths into arguments, answers and list elements; pure.

``$`` is the whole, ``$.a.b`` a field of it, ``$order.user_id`` a field of the answer read as
``order``, ``$each`` the element a read is repeated for, ``$.items[0].price`` a list element.
"""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

Json = Any

_PATH = re.compile(r"\$(?P<name>[a-z_][a-z0-9_]*)?(?P<rest>(?:\.[^.\[\]\s]+|\[\d{1,6}\])*)")
_STEP = re.compile(r"\.([^.\[\]\s]+)|\[(\d+)\]")

EACH = "each"


class Missing(Enum):
    """The one value that means: nothing stands there."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


def is_path(value: Json) -> bool:
    """Return whether a value of a tool document is a path and no literal."""
    return isinstance(value, str) and value.startswith("$")


def is_well_formed(path: str) -> bool:
    """Return whether a text is a path by the grammar above."""
    return _PATH.fullmatch(path) is not None


def source_name(path: str) -> str:
    """Return the read a path goes into; empty for the whole, ``each`` for the element.

    Raises:
        ValueError: The text is no path.
    """
    return _parsed(path)[0]


def steps_of(path: str) -> tuple[str | int, ...]:
    """Return where a path goes, field by field and index by index.

    Raises:
        ValueError: The text is no path.
    """
    return tuple(_parsed(path)[1])


def resolve(path: str, *, root: Json, reads: Mapping[str, Json], each: Json = MISSING) -> Json:
    """Return what stands at a path.

    Args:
        path: A well-formed path.
        root: What ``$`` means: the arguments, or an answer.
        reads: Answers by the name of their read.
        each: The element that ``$each`` means, where there is one.

    Returns:
        The value, or ``MISSING`` where nothing stands there.

    Raises:
        ValueError: The text is no path.
    """
    name, steps = _parsed(path)
    if not name:
        value = root
    elif name == EACH and name not in reads:
        value = each
    else:
        value = reads.get(name, MISSING)
    for step in steps:
        value = _into(value, step)
        if value is MISSING:
            break
    return value


def fill(
    template: Json, *, root: Json, reads: Mapping[str, Json], each: Json = MISSING
) -> Json | Missing:
    """Return a JSON value with every path in it replaced; ``MISSING`` if one leads nowhere.

    Args:
        template: A JSON value; texts that begin with ``$`` are paths.
        root: What ``$`` means.
        reads: Answers by the name of their read.
        each: The element that ``$each`` means, where there is one.
    """
    if is_path(template):
        return resolve(template, root=root, reads=reads, each=each)
    if isinstance(template, Mapping):
        filled = {
            key: fill(item, root=root, reads=reads, each=each) for key, item in template.items()
        }
        return MISSING if MISSING in _identities(filled.values()) else filled
    if isinstance(template, list):
        items = [fill(item, root=root, reads=reads, each=each) for item in template]
        return MISSING if MISSING in _identities(items) else items
    return template


def _identities(values: Any) -> list[Missing]:
    return [value for value in values if value is MISSING]


def _parsed(path: str) -> tuple[str, list[str | int]]:
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValueError(f"{path!r} is no path")
    steps: list[str | int] = [
        key if key else int(index) for key, index in _STEP.findall(match["rest"])
    ]
    return match["name"] or "", steps


def _into(value: Json, step: str | int) -> Json:
    if isinstance(value, Mapping):
        return value.get(str(step), MISSING)
    if isinstance(step, int) and isinstance(value, Sequence) and not isinstance(value, str):
        return value[step] if step < len(value) else MISSING
    return MISSING
