"""The mapping of an event log read into a value; all errors at once; pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

from governance.policies.reading import named
from orchestra.core.errors import InvalidInputError
from orchestra.core.yaml_text import read_located
from qa.documents.reading import Reader, read_document
from qa.history.types import Column, LogMapping, Standing

Json = Any

NEEDED: Final = (Column.CASE, Column.TIME, Column.STATUS)
_FIELDS: Final = ("key", "title", "columns", "time", "statuses", "delimiter")
_TIME: Final = ("format", "time_zone")
_DELIMITERS: Final = (",", ";", "\t", "|")
_DIRECTIVE: Final = re.compile(r"%(Y|y)")


def read_mapping(*, name: str, text: str) -> LogMapping:
    """Return the mapping that a YAML text states.

    Args:
        name: Of the file, for the places of errors.
        text: YAML with ``key``, ``title``, ``columns``, ``statuses``, and perhaps ``time`` with
            ``format`` and ``time_zone``, and ``delimiter``.

    Raises:
        InvalidInputError: With every error at once, each with file and line.
    """
    found = read_located(name=name, text=text, strict=True)
    if found.findings:
        raise InvalidInputError(
            "The mapping is no YAML; correct it and try again.",
            code="history.mapping",
            errors=found.findings,
        )
    try:
        return parse_mapping(document=found.value)
    except InvalidInputError as error:
        placed = [found.finding(one.field, one.code, one.message) for one in error.errors]
        raise InvalidInputError(error.message, code=error.code, errors=placed) from error


def parse_mapping(*, document: Mapping[str, Json]) -> LogMapping:
    """Return the mapping that a document states.

    Raises:
        InvalidInputError: With every error at once, each with its path.
    """
    return read_document(document, "mapping", "history.mapping", lambda r: _mapping(r, document))


def _mapping(reader: Reader, document: Json) -> LogMapping:
    fields = reader.mapping(document, "", _FIELDS)
    time = reader.mapping(fields.get("time"), "time", _TIME)
    delimiter = fields.get("delimiter", ",")
    return LogMapping(
        key=reader.key(fields),
        title=reader.title(fields),
        columns=_columns(reader, fields.get("columns")),
        statuses=_statuses(reader, fields.get("statuses")),
        time_format=_format(reader, time.get("format", "iso")),
        time_zone=reader.zone(time, "time") if "time_zone" in time else "UTC",
        delimiter=reader.choice(delimiter, "delimiter", _DELIMITERS),
    )


def _columns(reader: Reader, value: Json) -> dict[Column, str]:
    fields = reader.mapping(value, "columns", tuple(one.value for one in Column))
    found = {
        column: reader.text(fields[column], named("columns", column))
        for column in Column
        if column in fields
    }
    for column in NEEDED:
        if column not in fields:
            reader.add(named("columns", column), "required", "must name the column that says it")
    reader.no_repeats(list(found.values()), "columns")
    return found


def _statuses(reader: Reader, value: Json) -> dict[str, Standing]:
    fields = reader.mapping(value, "statuses", tuple(one.value for one in Standing))
    found: dict[str, Standing] = {}
    for standing in Standing:
        where = named("statuses", standing)
        for index, item in enumerate(reader.some(fields.get(standing), where)):
            status = reader.text(item, f"{where}[{index}]")
            if status in found:
                reader.add(f"{where}[{index}]", "repeated", f"{status} is named twice")
            found.setdefault(status, standing)
    for standing in (Standing.ACTIVE, Standing.RESOLVED):
        if standing not in found.values():
            where = named("statuses", standing)
            reader.add(where, "required", "must name the statuses as they are written")
    return found


def _format(reader: Reader, value: Json) -> str:
    found = reader.text(value, "time.format")
    if found and found != "iso" and not _DIRECTIVE.search(found):
        reader.add("time.format", "format", "must be iso, or name the year, such as %d.%m.%Y %H:%M")
    return found or "iso"
