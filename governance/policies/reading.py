"""Reads the fields of an untrusted document and collects every error with its path; pure."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, Final

from orchestra.core.canonical import MAX_SAFE_INTEGER
from orchestra.core.errors import FieldError
from orchestra.core.said import said as _

Json = Any

MAX_TEXT = 1000
#: How policies, rows, limits and invariants are named.
KEY: Final = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,99}", re.ASCII)
CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
#: Form of a text to how it is asked for.
_FORMS: Final = {
    KEY: _(
        "must be at most 100 small letters, digits, dots, dashes and underscores, "
        "and begin with a letter or digit"
    ),
    CURRENCY: _("must be an ISO 4217 code such as USD"),
}


def named(path: str, key: str) -> str:
    """Return the path of a field of a mapping."""
    return f"{path}.{key}" if path else key


def nearest(word: str, words: Collection[str]) -> str:
    """Return a hint that names the most alike known word; empty when there is none."""
    found = get_close_matches(word, list(words), n=1)
    return _("; did you mean %(name)s?", name=found[0]) if found else ""


class Report:
    """The errors found so far; a reader that finds one returns a harmless value."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def add(self, field: str, code: str, message: str) -> None:
        """Note one error."""
        self.errors.append(FieldError(field, code, message))

    def mapping(
        self, value: Json, path: str, known: Collection[str] | None = None
    ) -> dict[str, Json]:
        """Return a mapping with text keys; empty after an error.

        Args:
            value: What stands there; None reads as empty.
            path: Where it stands.
            known: The only keys allowed; None for any.
        """
        if value is None:
            return {}
        if not isinstance(value, Mapping) or any(not isinstance(key, str) for key in value):
            self.add(path, "type", _("must be a mapping of names to values"))
            return {}
        for key in value:
            if known is not None and key not in known:
                hint = nearest(key, known)
                self.add(
                    named(path, key), "unknown_field", _("is not a field here%(hint)s", hint=hint)
                )
        return dict(value)

    def items(self, value: Json, path: str) -> list[Json]:
        """Return a list; empty after an error."""
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.add(path, "type", _("must be a list"))
            return []
        return list(value)

    def text(self, value: Json, path: str, pattern: re.Pattern[str] | None = None) -> str:
        """Return a text that is not empty; empty after an error."""
        if not isinstance(value, str) or not value.strip():
            self.add(path, "required", _("must be a text that is not empty"))
            return ""
        if len(value) > MAX_TEXT:
            self.add(path, "too_long", _("must have at most %(most)d characters", most=MAX_TEXT))
            return ""
        if pattern is not None and not pattern.fullmatch(value):
            self.add(path, "format", _FORMS.get(pattern) or _("is not written as it has to be"))
            return ""
        return value

    def texts(self, value: Json, path: str) -> tuple[str, ...]:
        """Return a list of different texts."""
        found = [
            self.text(item, f"{path}[{index}]")
            for index, item in enumerate(self.items(value, path))
        ]
        if len(set(found)) != len(found):
            self.add(path, "repeated", _("names something twice"))
        return tuple(found)

    def whole(self, value: Json, path: str, least: int, most: int = MAX_SAFE_INTEGER) -> int:
        """Return a whole number in a range; the least after an error."""
        if value.__class__ is not int or not least <= value <= most:
            text = _("must be a whole number from %(least)d to %(most)d", least=least, most=most)
            self.add(path, "number", text)
            return least
        return int(value)

    def flag(self, value: Json, path: str) -> bool:
        """Return true or false; false after an error."""
        if not isinstance(value, bool):
            self.add(path, "type", _("must be true or false"))
            return False
        return value

    def choice(self, value: Json, path: str, choices: Collection[str]) -> str:
        """Return one of the choices; the first after an error."""
        if isinstance(value, str) and value in choices:
            return value
        hint = nearest(value, choices) if isinstance(value, str) else ""
        text = _("must be one of %(choices)s%(hint)s", choices=tuple(choices), hint=hint)
        self.add(path, "choice", text)
        return next(iter(choices))
