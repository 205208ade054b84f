"""Facts as one mapping in which what could not be computed stands as UNKNOWN; pure."""

from collections.abc import Mapping
from typing import Any, Final

from governance.policies.conditions import FactTypeError
from governance.policies.types import FactSet

Json = Any


class _Mark:
    """A value that no fact can have."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNKNOWN: Final = _Mark("UNKNOWN")
ABSENT: Final = _Mark("ABSENT")


def merge(facts: FactSet) -> dict[str, Json]:
    """Return the facts by name, unknown ones as ``UNKNOWN``.

    A name that stands in both, or whose value is null, is unknown: the stricter reading.
    """
    seen = dict(facts.values)
    if None in seen.values():
        seen = {name: UNKNOWN if value is None else value for name, value in seen.items()}
    if facts.unknown:
        seen.update(dict.fromkeys(facts.unknown, UNKNOWN))
    return seen


def text(seen: Mapping[str, Json], name: str) -> str | None:
    """Return a known text, or None where it is unknown or not applicable.

    Raises:
        FactTypeError: The fact is no text.
    """
    value = seen.get(name, UNKNOWN)
    if value is UNKNOWN:
        return None
    if not isinstance(value, str):
        raise FactTypeError(f"{name}: {type(value).__name__} where text was expected")
    return value


def whole(seen: Mapping[str, Json], name: str) -> int | None:
    """Return a known whole number, or None where it is unknown or not applicable.

    Raises:
        FactTypeError: The fact is no whole number.
    """
    value = seen.get(name, UNKNOWN)
    if value is UNKNOWN:
        return None
    if value.__class__ is not int:
        raise FactTypeError(f"{name}: {type(value).__name__} where a whole number was expected")
    return int(value)
