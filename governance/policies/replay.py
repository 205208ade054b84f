"""Deciding again from a record alone; pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from governance.policies.decision import ENGINE, CompiledPolicies, compile_tables, decide
from governance.policies.records import RECORD_VERSION, read_json, record_body
from governance.policies.types import Decision, FactSet, PolicyTable
from orchestra.core.errors import InvalidInputError

Json = Any

_COMPARED: Final = ("outcome", "fired", "obligations", "policies", "reasons")
_NOT_CANONICAL: Final = "the stored bytes are not the canonical record"


class RecordError(ValueError):
    """The bytes are no record of a decision."""


@dataclass(frozen=True, slots=True)
class RecordRead:
    """What stands in a record, as far as replay needs it.

    Attributes:
        policies: Policy key to the (version, digest) that judged.
    """

    version: int
    engine: str
    at: str
    facts: FactSet
    sources: Mapping[str, str]
    policies: Mapping[str, tuple[int, str]]
    value: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Replay:
    """What deciding again said.

    Attributes:
        agrees: Whether the same record came out, bit for bit.
        lacks: What is missing to decide again; then nothing is said about agreement.
        decision: The verdict now, None where something is lacking.
        difference: What differs, in plain words; empty where it agrees or lacks.
    """

    agrees: bool
    lacks: tuple[str, ...]
    decision: Decision | None
    difference: str


def read_record(body: bytes) -> RecordRead:
    """Return what stands in a record.

    Raises:
        RecordError: The bytes are no record.
    """
    try:
        value = read_json(body)
        facts = value["facts"]
        record = RecordRead(
            version=value["v"],
            engine=value["engine"],
            at=value["at"],
            facts=FactSet(values=dict(facts["values"]), unknown=frozenset(facts["unknown"])),
            sources=dict(value["sources"]),
            policies={key: (pair[0], pair[1]) for key, pair in value["policies"].items()},
            value=value,
        )
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        RecursionError,
    ) as error:
        raise RecordError("the body is no record of a decision") from error
    if not _has_right_types(record):
        raise RecordError("the body is no record of a decision")
    return record


def _has_right_types(record: RecordRead) -> bool:
    texts = [record.engine, record.at, *record.facts.unknown, *record.facts.values]
    texts += [*record.sources, *record.sources.values()]
    texts += [digest for _version, digest in record.policies.values()]
    numbers = [record.version, *(version for version, _digest in record.policies.values())]
    return all(text.__class__ is str for text in texts) and all(
        number.__class__ is int for number in numbers
    )


def replay(
    *, body: bytes, tables: Mapping[str, PolicyTable], policies: CompiledPolicies | None = None
) -> Replay:
    """Decide again on a record's facts under the record's policies and compare.

    Args:
        body: The record as stored.
        tables: Policy key to the table of the version that the record names; a table's
            digest must be that of the document it was read from.
        policies: The same tables, compiled, where the caller keeps them.
    """
    try:
        record = read_record(body)
    except RecordError as error:
        return Replay(agrees=False, lacks=(str(error),), decision=None, difference="")
    lacks = _lacking(record, tables)
    if lacks:
        return Replay(agrees=False, lacks=lacks, decision=None, difference="")
    if policies is None:
        policies = compile_tables(tables[key] for key in record.policies)
    decision = decide(facts=record.facts, policies=policies)
    try:
        again = record_body(
            at=record.at, facts=record.facts, sources=record.sources, decision=decision
        )
    except InvalidInputError:
        return Replay(agrees=False, lacks=(), decision=decision, difference=_NOT_CANONICAL)
    if again == body:
        return Replay(agrees=True, lacks=(), decision=decision, difference="")
    difference = _difference(record.value, read_json(again))
    return Replay(agrees=False, lacks=(), decision=decision, difference=difference)


def _lacking(record: RecordRead, tables: Mapping[str, PolicyTable]) -> tuple[str, ...]:
    if record.version != RECORD_VERSION:
        return (f"a reader for records of version {record.version}",)
    lacks = [] if record.engine == ENGINE else [f"the engine {record.engine}"]
    for key, (version, digest) in sorted(record.policies.items()):
        table = tables.get(key)
        if table is None or table.version != version:
            lacks.append(f"version {version} of the policy {key}")
        elif table.digest != digest:
            lacks.append(f"the text of version {version} of the policy {key} as it judged")
    return tuple(lacks)


def _difference(recorded: Mapping[str, Json], now: Mapping[str, Json]) -> str:
    parts = [
        f"{name}: recorded {_short(recorded.get(name))}, now {_short(now[name])}"
        for name in _COMPARED
        if recorded.get(name) != now[name]
    ]
    return "; ".join(parts) or _NOT_CANONICAL


def _short(value: Json) -> str:
    return json.dumps(value, sort_keys=True)
