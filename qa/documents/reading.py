"""Reads the fields that documents of quality share, every error at once; pure."""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar
from zoneinfo import available_timezones

from governance.policies.reading import KEY, Report, named, nearest
from orchestra.core.canonical import MAX_SAFE_INTEGER, check_text
from orchestra.core.errors import FieldError, InvalidInputError

Json = Any
E = TypeVar("E", bound=StrEnum)

#: The title is a column of its own, so that lists need not open documents.
MAX_TITLE: Final = 200
#: More than this in one list is a mistake or an attack, not a plan of people.
MAX_ITEMS: Final = 200


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


class Reader(Report):
    """A report that reads titles, numbers, codes of an enum, and lists of them."""

    def key(self, fields: Mapping[str, Json], path: str = "") -> str:
        """Return the key by which others name a thing."""
        return self.text(fields.get("key"), named(path, "key"), KEY)

    def title(self, fields: Mapping[str, Json], path: str = "", name: str = "title") -> str:
        """Return a text of one line."""
        where = named(path, name)
        found = self.text(fields.get(name), where)
        if len(found) > MAX_TITLE:
            self.add(where, "too_long", f"must have at most {MAX_TITLE} characters")
        return found

    def optional_text(self, fields: Mapping[str, Json], name: str, path: str = "") -> str:
        """Return a text that may be left out, then empty."""
        value = fields.get(name)
        return "" if value is None or value == "" else self.text(value, named(path, name))

    def optional_flag(
        self, fields: Mapping[str, Json], name: str, path: str = "", *, default: bool = False
    ) -> bool:
        """Return true or false, or what holds where nothing is said."""
        value = fields.get(name)
        return default if value is None else self.flag(value, named(path, name))

    def count(
        self,
        fields: Mapping[str, Json],
        name: str,
        path: str = "",
        *,
        least: int = 0,
        most: int = MAX_SAFE_INTEGER,
        default: int | None = None,
    ) -> int:
        """Return a whole number in a range; the default, if there is one, where it is left out."""
        value = fields.get(name)
        if value is None and default is not None:
            return default
        return self.whole(value, named(path, name), least, most)

    def optional_count(
        self, fields: Mapping[str, Json], name: str, path: str = "", *, most: int
    ) -> int | None:
        """Return a whole number from 1, None where it is left out."""
        value = fields.get(name)
        return None if value is None else self.whole(value, named(path, name), 1, most)

    def number(self, value: Json, path: str, least: float, most: float) -> float:
        """Return a number in a range with at most three digits after the point."""
        is_number = value.__class__ in {int, float} and math.isfinite(value)
        if not is_number or not least <= value <= most or round(value, 3) != value:
            self.add(
                path,
                "number",
                f"must be a number from {least:g} to {most:g} with at most 3 decimals",
            )
            return least
        return float(value)

    def code(self, fields: Mapping[str, Json], name: str, enum: type[E], path: str = "") -> E:
        """Return one value of an enum; its first after an error."""
        return enum(self.choice(fields.get(name), named(path, name), _values(enum)))

    def optional_code(
        self, fields: Mapping[str, Json], name: str, enum: type[E], path: str, default: E
    ) -> E:
        """Return one value of an enum, or what holds where nothing is said."""
        return default if fields.get(name) is None else self.code(fields, name, enum, path)

    def codes(
        self, fields: Mapping[str, Json], name: str, enum: type[E], path: str = ""
    ) -> tuple[E, ...]:
        """Return different values of an enum in the order given."""
        found = self.names(fields, name, _values(enum), path)
        return tuple(enum(value) for value in found)

    def names(
        self, fields: Mapping[str, Json], name: str, known: Collection[str], path: str = ""
    ) -> tuple[str, ...]:
        """Return different texts out of those known; what is not known is left out."""
        where = named(path, name)
        found = [
            (f"{where}[{index}]", value)
            for index, value in enumerate(self.some(fields.get(name), where))
        ]
        right = [value for _, value in found if isinstance(value, str) and value in known]
        for place, value in found:
            if not isinstance(value, str) or value not in known:
                self.choice(value, place, known)
        self.no_repeats(right, where)
        return tuple(right)

    def no_repeats(self, found: Sequence[str], path: str) -> None:
        """Note what stands twice in a list."""
        for value in sorted({value for value in found if found.count(value) > 1}):
            self.add(path, "repeated", f"names {value} twice")

    def some(self, value: Json, path: str) -> list[Json]:
        """Return a list of a length that people can read."""
        found = self.items(value, path)
        if len(found) > MAX_ITEMS:
            self.add(path, "too_many", f"must have at most {MAX_ITEMS} items")
        return found[:MAX_ITEMS]

    def needed(self, found: Sequence[object], path: str, what: str) -> None:
        """Note a list that may not be empty."""
        if not found:
            self.add(path, "required", f"must name at least one {what}")

    def zone(self, fields: Mapping[str, Json], path: str = "") -> str:
        """Return the name of a time zone."""
        where = named(path, "time_zone")
        found = self.text(fields.get("time_zone"), where)
        if found and found not in _zones():
            hint = nearest(found, _zones())
            self.add(where, "time_zone", f"is no time zone, such as Europe/Berlin{hint}")
        return found


def _values(enum: type[E]) -> tuple[str, ...]:
    return tuple(member.value for member in enum)


V = TypeVar("V")


def read_document(
    document: Mapping[str, Json], what: str, code: str, read: Callable[[Reader], V]
) -> V:
    """Return what a reader makes of a document, or every error at once.

    Args:
        document: The document; text that no database may hold is refused before it is read.
        what: What it is, for the message, such as ``scorecard``.
        code: Code of the error.
        read: Reads the value and notes errors.

    Raises:
        InvalidInputError: With every error, each with its path.
    """
    reader = Reader()
    try:
        check_text(document, "")
    except RecursionError:
        reader.add("", "too_deep", "is nested too deeply")
    except InvalidInputError as error:
        reader.errors.extend(error.errors)
    found = read(reader)
    if reader.errors:
        raise InvalidInputError(
            f"The {what} has {len(reader.errors)} errors; correct them and try again.",
            code=code,
            errors=_once(reader.errors),
        )
    return found


def _once(errors: Sequence[FieldError]) -> list[FieldError]:
    return list(dict.fromkeys(errors))
