"""Rows as a Parquet file."""

from datetime import UTC, datetime
from io import BytesIO

import pyarrow.parquet as pq
import pytest

from orchestra.core.parquet import parquet_bytes

COLUMNS = {"name": "text", "count": "whole", "rate": "number", "late": "flag", "at": "time"}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_values_come_back_with_their_types() -> None:
    rows = [("=HYPERLINK(1)", 3, 0.5, True, NOON), (None, None, None, None, None)]

    table = pq.read_table(BytesIO(parquet_bytes(COLUMNS, rows)))

    assert table.column_names == list(COLUMNS)
    assert [tuple(row.values()) for row in table.to_pylist()] == rows


def test_no_rows_are_a_file_with_its_columns() -> None:
    table = pq.read_table(BytesIO(parquet_bytes(COLUMNS, [])))

    assert (table.num_rows, table.column_names) == (0, list(COLUMNS))


@pytest.mark.parametrize(
    "row",
    [
        ("a", "many", 0.5, True, NOON),
        ("a", 1, 0.5, True, "noon"),
        ("a", 1),
        (1, 1, 1.0, True, NOON),
    ],
)
def test_a_value_that_does_not_fit_is_refused(row: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"column|shorter"):
        parquet_bytes(COLUMNS, [row])


def test_another_type_is_refused() -> None:
    with pytest.raises(KeyError):
        parquet_bytes({"name": "colour"}, [])
