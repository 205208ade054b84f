"""Every error of a mapping at once, with its line."""

from typing import Any

import pytest

from orchestra.core.errors import InvalidInputError
from qa.history.parsing import parse_mapping, read_mapping
from qa.history.types import Column, Standing
from tests.factories.history import mapping, mapping_document


def test_a_whole_mapping() -> None:
    found = mapping(time={"format": "%d.%m.%Y %H:%M", "time_zone": "Europe/Berlin"}, delimiter=";")
    assert found.columns[Column.RESOURCE] == "who"
    assert found.statuses["gone"] is Standing.WITHDRAWN
    assert (found.time_format, found.time_zone, found.delimiter) == (
        "%d.%m.%Y %H:%M",
        "Europe/Berlin",
        ";",
    )


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"key": "Not a key"}, "key", "format"),
        ({"columns": {"case": "a", "time": "b"}}, "columns.status", "required"),
        ({"columns": {"case": "a", "time": "a", "status": "b"}}, "columns", "repeated"),
        ({"columns": {"case": "a", "more": "d"}}, "columns.more", "unknown_field"),
        ({"statuses": {"active": ["open"]}}, "statuses.resolved", "required"),
        (
            {"statuses": {"active": ["open"], "resolved": ["open", "done"]}},
            "statuses.resolved[0]",
            "repeated",
        ),
        ({"time": {"format": "%H:%M"}}, "time.format", "format"),
        ({"time": {"time_zone": "Berlin"}}, "time.time_zone", "time_zone"),
        ({"delimiter": "ab"}, "delimiter", "choice"),
        ({"more": 1}, "more", "unknown_field"),
    ],
)  # fmt: skip
def test_what_is_refused(changes: Any, field: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_mapping(document=mapping_document(**changes))
    assert (field, code) in {(one.field, one.code) for one in caught.value.errors}


def test_errors_of_a_file_stand_at_their_lines() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_mapping(name="map.yaml", text="key: desk\ntitle: Desk\ncolumns:\n  case: a\n")
    assert "map.yaml:3: columns.time" in {one.field for one in caught.value.errors}


@pytest.mark.parametrize("text", ["key: [", "", "- 1", "key: desk\nkey: desk\n"])
def test_no_mapping_at_all(text: str) -> None:
    with pytest.raises(InvalidInputError):
        read_mapping(name="map.yaml", text=text)
