"""What of a record the person may read: others' data masked, staff as roles; pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestra.core.personal.finding import find_personal
from orchestra.core.redaction import mask_text, mask_value

Json = Any
_NEITHER = re.compile(r"[\W_]+")
_FOUR = 4


@dataclass(frozen=True)
class Reader:
    """The person who reads.

    Attributes:
        own: What is theirs, as written: reference, ways of contact, what they said themselves.
        staff: Name of a member of staff to the role they are told as.
    """

    own: Collection[str]
    staff: Mapping[str, str]
    _bare: frozenset[str] = field(init=False, repr=False, compare=False, default=frozenset())

    def __post_init__(self) -> None:
        """Keep what is theirs without blanks and marks, as it may be written elsewhere."""
        bare = {_bare(one) for one in self.own}
        object.__setattr__(self, "_bare", frozenset(one for one in bare if len(one) >= _FOUR))

    def is_own(self, text: str) -> bool:
        """Return whether a piece of personal data is the person's own."""
        return _bare(text) in self._bare


def own_data(said: Collection[str]) -> set[str]:
    """Return the personal data in what a person said themselves: given back, nothing is told."""
    return {text[find.start : find.end] for text in said for find in find_personal(text)}


def tell_text(text: str, reader: Reader) -> str:
    """Return a text with staff as roles, and all personal data masked but the reader's own."""
    pieces, at = [], 0
    for find in find_personal(text):
        if find.start >= at and reader.is_own(text[find.start : find.end]):
            pieces += [mask_text(text[at : find.start]), text[find.start : find.end]]
            at = find.end
    told = "".join([*pieces, mask_text(text[at:])])
    for name in sorted(reader.staff, key=len, reverse=True):
        told = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", reader.staff[name], told)
    return told


def tell_value(value: Json, reader: Reader, *, key: str = "") -> Json:
    """Return a JSON value as the reader may read it.

    Args:
        value: Any JSON value.
        reader: Who reads.
        key: Under which key it stands, which may say that it is personal as a whole.
    """
    if isinstance(value, Mapping):
        return {str(name): tell_value(one, reader, key=str(name)) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [tell_value(one, reader, key=key) for one in value]
    if not isinstance(value, str):
        return value if reader.is_own(str(value)) else mask_value({key: value})[key]
    if reader.is_own(value):
        return value
    by_key: Json = mask_value({key: value})[key]
    return tell_text(value, reader) if by_key == mask_text(value) else by_key


def _bare(text: str) -> str:
    return _NEITHER.sub("", text).casefold()
