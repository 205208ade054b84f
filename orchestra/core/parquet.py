"""Rows as an Apache Parquet file, for tools that read columns with their types; pure.

A Parquet field is data and is never run, so text is kept as it is, unlike in a spreadsheet's CSV.
"""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

MEDIA_TYPE = "application/vnd.apache.parquet"


def parquet_bytes(columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a header and rows as one Parquet file, compressed.

    ``columns`` maps each name to the type of its values: ``text``, ``whole`` (64 bits),
    ``number`` (double), ``flag`` or ``time`` (UTC, microseconds). None stands for a missing value.

    Raises KeyError for another type, and ValueError for a row of another length or a value that
    its column cannot hold.
    """
    import pyarrow as pa  # noqa: PLC0415 a process that writes no such file loads none of it
    import pyarrow.parquet as pq  # noqa: PLC0415

    types: dict[str, Any] = {
        "text": pa.string(),
        "whole": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "time": pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    held = [dict(zip(columns, row, strict=True)) for row in rows]
    try:
        table = pa.Table.from_pylist(held, schema=schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        message = f"A value does not fit its column: {error}"
        raise ValueError(message) from error
    file = BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()
