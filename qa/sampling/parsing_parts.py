"""How many a plan draws: allocation, discovery and acceptance read from a document; pure."""

from collections.abc import Callable
from typing import Any, Final

from governance.policies.reading import named
from qa.documents.reading import Reader
from qa.population.types import Dimension
from qa.sampling.types import (
    Acceptance,
    Allocation,
    Cell,
    Discovery,
    Method,
    Severity,
    Size,
    Spread,
)

Json = Any
ReadCell = Callable[[Reader, Json, str], Cell]

_MOST: Final = 100_000
_MOST_LOT: Final = 10_000_000
_MOST_WEEKS: Final = 52
#: Inspection levels of ISO 2859-1.
LEVELS: Final = ("I", "II", "III", "S-1", "S-2", "S-3", "S-4")
#: Acceptance quality limits that the tables here hold, in percent.
AQLS: Final = ("0.65", "1.0", "1.5", "2.5", "4.0", "6.5", "10", "15")
#: What a lot can be made of; the period is always part of it.
LOTS: Final = (
    Dimension.JOURNEY,
    Dimension.CUE_SHEET_VERSION,
    Dimension.QUEUE,
    Dimension.CHANNEL,
    Dimension.AI_VERSION,
)
_ALLOCATION: Final = {
    Method.PROPORTIONAL: ("method", "total"),
    Method.NEYMAN: ("method", "total", "spread", "weeks"),
    Method.FIXED: ("method", "sizes", "otherwise"),
    Method.TAKE_ALL: ("method",),
}
_SIZE: Final = ("of", "size")
_DISCOVERY: Final = ("confidence_percent", "less_than_percent")
_ACCEPTANCE: Final = (
    "standard",
    "level",
    "aql_percent",
    "lot",
    "expected_lot_size",
    "start",
    "switching",
)


def read_allocation(reader: Reader, value: Json, read_cell: ReadCell) -> Allocation | None:
    """Return how reviews are shared out, None where a plan does not say."""
    if value is None:
        return None
    path = "allocation"
    method = reader.code(reader.mapping(value, path), "method", Method, path)
    fields = reader.mapping(value, path, _ALLOCATION[method])
    has_total = method in {Method.PROPORTIONAL, Method.NEYMAN}
    is_neyman = method is Method.NEYMAN
    sizes = _sizes(reader, fields.get("sizes"), read_cell) if method is Method.FIXED else ()
    otherwise = 0
    if method is Method.FIXED:
        otherwise = reader.count(fields, "otherwise", path, most=_MOST, default=0)
        if not sizes and not otherwise:
            reader.add(path, "required", "must say how many are drawn, in sizes or otherwise")
    return Allocation(
        method=method,
        total=reader.count(fields, "total", path, least=1, most=_MOST) if has_total else None,
        spread=reader.code(fields, "spread", Spread, path) if is_neyman else None,
        weeks=reader.count(fields, "weeks", path, least=1, most=_MOST_WEEKS) if is_neyman else 0,
        sizes=sizes,
        otherwise=otherwise,
    )


def _sizes(reader: Reader, value: Json, read_cell: ReadCell) -> tuple[Size, ...]:
    found = []
    for index, one in enumerate(reader.some(value, "allocation.sizes")):
        path = f"allocation.sizes[{index}]"
        fields = reader.mapping(one, path, _SIZE)
        cell = read_cell(reader, fields.get("of"), named(path, "of"))
        found.append(Size(cell, reader.count(fields, "size", path, most=_MOST)))
    return tuple(found)


def read_discovery(reader: Reader, value: Json) -> Discovery | None:
    """Return what a zero-failure plan shows, None where a plan is none."""
    if value is None:
        return None
    fields = reader.mapping(value, "discovery", _DISCOVERY)
    confidence = fields.get("confidence_percent")
    below = fields.get("less_than_percent")
    return Discovery(
        confidence_percent=reader.number(confidence, "discovery.confidence_percent", 50, 99.9),
        less_than_percent=reader.number(below, "discovery.less_than_percent", 0.1, 50),
    )


def read_acceptance(reader: Reader, value: Json) -> Acceptance | None:
    """Return the parameters of a plan by lots, None where a plan is none."""
    if value is None:
        return None
    path = "acceptance"
    fields = reader.mapping(value, path, _ACCEPTANCE)
    reader.choice(fields.get("standard"), named(path, "standard"), ("iso_2859_1",))
    lot = reader.names(fields, "lot", tuple(one.value for one in LOTS), path)
    reader.needed(lot, named(path, "lot"), "dimension that makes a lot")
    return Acceptance(
        level=reader.choice(fields.get("level"), named(path, "level"), LEVELS),
        aql=_aql(reader, fields.get("aql_percent"), named(path, "aql_percent")),
        lot=tuple(Dimension(one) for one in lot),
        expected_lot_size=reader.count(fields, "expected_lot_size", path, least=2, most=_MOST_LOT),
        start=reader.optional_code(fields, "start", Severity, path, Severity.NORMAL),
        switching=reader.optional_flag(fields, "switching", path, default=True),
    )


def _aql(reader: Reader, value: Json, path: str) -> str:
    """Return a limit as the table writes it; a number is the same limit."""
    if value.__class__ in {int, float}:
        value = next((one for one in AQLS if float(one) == value), value)
    return reader.choice(value, path, AQLS)
