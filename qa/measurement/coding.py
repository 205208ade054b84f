"""Plain rows as JSON and back; pure.

The same value gives the same text, so that two ways of making a row can be compared by bytes.
"""

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Json = Any
Value = TypeVar("Value")


def to_json(value: object) -> Json:
    """Return a row, or anything that rows hold, as JSON; fields that hold their default go."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            one.name: to_json(held)
            for one in fields(value)
            if (held := getattr(value, one.name)) is not None and held != one.default
        }
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [to_json(one) for one in value]
    return value


def to_text(value: object) -> str:
    """Return the one text of a row."""
    return json.dumps(to_json(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(shape: type[Value], value: Json) -> Value:
    """Return the row of a class that ``to_json`` wrote.

    Raises:
        KeyError: A field without a default is missing.
        ValueError: A moment or a code cannot be read.
    """
    read: Value = _read(shape, value)
    return read


def from_text(shape: type[Value], text: str) -> Value:
    """Return the row of a class that ``to_text`` wrote."""
    return from_json(shape, json.loads(text))


def _read(shape: Any, value: Json) -> Any:
    if get_origin(shape) in (Union, types.UnionType):
        inner = [one for one in get_args(shape) if one is not type(None)]
        return None if value is None else _read(inner[0], value)
    if get_origin(shape) is tuple:
        return tuple(_read(get_args(shape)[0], one) for one in value)
    if shape is datetime:
        return datetime.fromisoformat(value)
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return shape(value)
    if is_dataclass(shape):
        return _read_row(shape, value)
    return value


def _read_row(shape: Any, value: Mapping[str, Json]) -> Any:
    hints = _hints(shape)
    # None goes when written and not every field has it as its default.
    bare = {name: None for name in _without_default(shape) if name not in value}
    return shape(**bare, **{name: _read(hints[name], held) for name, held in value.items()})


@lru_cache(maxsize=50)
def _hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape)


@lru_cache(maxsize=50)
def _without_default(shape: Any) -> tuple[str, ...]:
    made = shape.__dataclass_fields__.values()
    return tuple(
        one.name
        for one in made
        if type(one.default).__name__ == "_MISSING_TYPE"
        and type(one.default_factory).__name__ == "_MISSING_TYPE"
    )
