"""A target read into a value; all errors at once; pure."""

from collections.abc import Mapping
from typing import Any, Final

from governance.access.types import Role
from governance.policies.reading import KEY
from qa.documents.reading import Reader, read_document
from qa.measurement.parsing import OWNERS
from qa.measurement.types import Statistic
from qa.targets.types import TargetSpec

Json = Any

_FIELDS: Final = (
    "key",
    "title",
    "why",
    "metric",
    "journey",
    "statistic",
    "at_most",
    "at_least",
    "owner",
)
_MOST: Final = 1_000_000.0


def parse_target(*, document: Mapping[str, Json]) -> TargetSpec:
    """Return the target that a document states.

    Args:
        document: Names a metric, at most or at least how much, and who answers for it.

    Raises:
        InvalidInputError: With every error at once, each with its path.
    """
    return read_document(
        document, "target", "outcome_target.invalid", lambda r: _target(r, document)
    )


def _target(reader: Reader, document: Json) -> TargetSpec:
    fields = reader.mapping(document, "", _FIELDS)
    owner = reader.choice(fields.get("owner"), "owner", tuple(one.value for one in OWNERS))
    statistic = fields.get("statistic")
    return TargetSpec(
        key=reader.key(fields),
        title=reader.title(fields),
        metric=reader.text(fields.get("metric"), "metric", KEY),
        value=_value(reader, fields),
        at_most=fields.get("at_most") is not None,
        owner=Role(owner),
        why=reader.text(fields.get("why"), "why"),
        statistic=None if statistic is None else reader.code(fields, "statistic", Statistic),
        journey=_journey(reader, fields),
    )


def _value(reader: Reader, fields: Mapping[str, Json]) -> float:
    given = [name for name in ("at_most", "at_least") if fields.get(name) is not None]
    if len(given) != 1:
        reader.add("at_most", "one_of", "must say either at_most or at_least, and not both")
        return 0.0
    return reader.number(fields[given[0]], given[0], 0, _MOST)


def _journey(reader: Reader, fields: Mapping[str, Json]) -> str:
    journey = fields.get("journey")
    return "" if journey in (None, "") else reader.text(journey, "journey", KEY)
