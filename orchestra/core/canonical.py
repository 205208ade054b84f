"""Canonical JSON (RFC 8785), strict reading, and domain-separated digests."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

import rfc8785

from orchestra.core.errors import FieldError, InvalidInputError

MAX_SAFE_INTEGER = 2**53 - 1
#: Between these, Python and RFC 8785 write a fraction in the same digits, without exponent.
_PLAIN_FROM, _PLAIN_BELOW = 1e-4, 1e15
#: Python refuses to read integers of over 4300 digits; nothing of ours has a tenth of it.
_MOST_DIGITS = 400


def canonical_bytes(value: Any) -> bytes:
    """Return the RFC 8785 encoding of a JSON value.

    Args:
        value: dict, list, str, int within +/-(2^53-1), float, bool or None.

    Raises:
        InvalidInputError: The value has no canonical form.
    """
    try:
        # The standard library's encoder is ten times as fast, and agrees on plain values.
        return _encode_plain(value).encode() if _is_plain(value) else rfc8785.dumps(value)
    except RecursionError as error:
        raise InvalidInputError("the JSON is nested too deeply") from error
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, ValueError, TypeError) as error:
        raise InvalidInputError(f"the value has no canonical JSON form: {error}") from error


_encode_plain = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def _is_plain(value: Any) -> bool:
    """Whether the standard library writes a value exactly as RFC 8785 does.

    Keys that are not ASCII may sort otherwise by UTF-16, whole and very large or small
    floats read otherwise, and whatever is no JSON is for the reference to refuse.
    """
    kind = type(value)
    if kind is dict:
        return all(
            type(key) is str and key.isascii() and _is_plain(item) for key, item in value.items()
        )
    if kind is list:
        return all(map(_is_plain, value))
    if kind is int:
        return bool(-MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER)
    if kind is float:
        return bool(_PLAIN_FROM <= abs(value) < _PLAIN_BELOW and not value.is_integer())
    return value is None or kind is bool or isinstance(value, str)


def digest(domain: str, value: Any) -> str:
    """Return lower-case hex SHA-256 over ``domain LF JCS(value)``.

    Args:
        domain: Name and version of what is digested, such as ``orchestra.action.v1``.
        value: A JSON value.
    """
    return hashlib.sha256(domain.encode() + b"\n" + canonical_bytes(value)).hexdigest()


def sha256_hex(data: bytes) -> str:
    """Return lower-case hex SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def _refuse(message: str) -> NoReturn:
    raise InvalidInputError(message, errors=[FieldError("", "json", message)])


class _Refused:
    """Stands where a value is refused until the walk that knows its path comes by."""

    def __init__(self, message: str) -> None:
        self.message = message


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = (
            _Refused(f"stands twice: the key {key!r} is in one JSON object; send it once")
            if key in found
            else value
        )
    return found


def _no_constant(name: str) -> _Refused:
    return _Refused(f"is {name}, which is no JSON number; leave it out or send a number")


def _finite(text: str) -> float | _Refused:
    number = float(text)
    return number if math.isfinite(number) else _Refused(f"is the number {text}, too large")


def _whole(text: str) -> int | _Refused:
    if len(text) > _MOST_DIGITS:
        return _Refused(f"is a number of {len(text)} digits, too large")
    return int(text)


def loads_strict(data: bytes | str) -> Any:
    """Read JSON and refuse what would mean two things to two readers.

    Refused: duplicate keys, NaN and Infinity, numbers that overflow, lone surrogates,
    U+0000, bytes that are no UTF-8, and text that is no JSON.

    Raises:
        InvalidInputError: With a message that names what is wrong, and where.
    """
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        _refuse(f"the body is no UTF-8 text: {error.reason}")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique_pairs,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
        check_text(value, "")
    except json.JSONDecodeError as error:
        _refuse(f"the body is no JSON: {error.msg} at line {error.lineno} column {error.colno}")
    except RecursionError:
        _refuse("the JSON is nested too deeply")
    return value


def check_text(value: Any, path: str) -> None:
    """Refuse U+0000 and lone surrogates anywhere in a JSON value.

    Args:
        value: A JSON value.
        path: Where it stands, for the message; empty for the whole.

    Raises:
        InvalidInputError: Naming the path of the first offending text.
    """
    if isinstance(value, str):
        _check_characters(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            check_text(key, path)
            check_text(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check_text(item, f"{path}[{index}]")
    elif isinstance(value, _Refused):
        _refuse_text(path, value.message, code="json")


def _check_characters(text: str, path: str) -> None:
    if "\x00" in text:
        _refuse_text(path, "holds the character U+0000, which no text may hold; remove it")
    if any("\ud800" <= character <= "\udfff" for character in text):
        _refuse_text(path, "holds half of a surrogate pair; send valid Unicode")


def _refuse_text(path: str, message: str, code: str = "text") -> NoReturn:
    raise InvalidInputError(
        f"{path or 'the body'} {message}", errors=[FieldError(path, code, message)]
    )
