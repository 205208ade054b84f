"""Text of a description to its JSON value, within bounds; pure."""

import re
from typing import Any, Final

from orchestra.core import canonical
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.yaml_text import read_located

Json = Any

MAX_BYTES: Final = 4 * 1024 * 1024
#: Values in a document; a description of some hundred operations has some ten thousand.
MAX_VALUES: Final = 200_000
MAX_DEPTH: Final = 60
_STATUS: Final = re.compile(r"(?m)^([ \t]+)([1-5][0-9X]{2})([ \t]*:)")


def read_document(data: bytes) -> Json:
    """Return the value of a JSON or YAML document.

    Args:
        data: The bytes received.

    Raises:
        InvalidInputError: It is too large, too deep, no JSON and no YAML, or says what two
            readers would read differently; with every finding.
    """
    if len(data) > MAX_BYTES:
        raise invalid("", "too_large", "the description is above 4 MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise invalid(
            "", "encoding", f"the description is no UTF-8 text: {error.reason}"
        ) from error
    try:
        value = _read(text)
    except RecursionError as error:
        raise _too_deep() from error
    _check_size(value)
    return value


def invalid(field: str, code: str, message: str) -> InvalidInputError:
    """Return the error of a description that cannot be imported, with one finding."""
    finding = FieldError(field, code, message)
    return InvalidInputError(
        f"The description cannot be imported: {message}.", code="import.invalid", errors=[finding]
    )


def _read(text: str) -> Json:
    if text.lstrip()[:1] in ("{", "["):
        try:
            return canonical.loads_strict(text)
        except InvalidInputError as error:
            raise invalid("", "json", error.message) from error
    # YAML reads a status such as 200 as a number, and every author means the text.
    found = read_located(name="", text=_STATUS.sub(r"\1'\2'\3", text))
    if found.findings:
        raise InvalidInputError(
            "The description cannot be imported: "
            + "; ".join(f"{one.field} {one.message}" for one in found.findings[:5]),
            code="import.invalid",
            errors=found.findings,
        )
    return found.value


def _check_size(value: Json) -> None:
    left = MAX_VALUES
    level: list[Json] = [value]
    for _depth in range(MAX_DEPTH):
        inner = [one for one in level if isinstance(one, dict | list)]
        level = [item for one in inner for item in (one.values() if isinstance(one, dict) else one)]
        left -= len(level)
        if left < 0:
            raise invalid("", "too_large", f"the description has more than {MAX_VALUES} values")
        if not level:
            return
    raise _too_deep()


def _too_deep() -> InvalidInputError:
    return invalid("", "too_deep", f"the description is nested more than {MAX_DEPTH} levels deep")
