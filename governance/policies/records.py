"""The record of a decision as canonical bytes, fast; pure.

The body is RFC 8785 JSON. What does not change from decision to decision (rows, policies,
obligations, reasons) is encoded once and kept as fragments; a property test holds the
result equal to the plain canonical encoding.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NoReturn

from governance.policies.types import Decision, FactSet, Obligations, Outcome
from orchestra.core.canonical import MAX_SAFE_INTEGER, canonical_bytes
from orchestra.core.errors import InvalidInputError

Json = Any

RECORD_VERSION: Final = 1
DIGEST_DOMAIN: Final = b"orchestra.decision.v1\n"

_text = json.encoder.encode_basestring
#: Between these, Python's shortest repr of a fraction is also the form of RFC 8785.
_PLAIN_FROM: Final = 1e-4
_PLAIN_BELOW: Final = 1e15
#: Fewer digits than 2^53 has are always safe; no canonical number has more than the second.
_SAFE_DIGITS: Final = 16
_MOST_DIGITS: Final = 24


def record_body(
    *, at: str, facts: FactSet, sources: Mapping[str, str], decision: Decision
) -> bytes:
    """Return the canonical bytes of a decision's record.

    Args:
        at: When, as the clock's RFC 3339 text.
        facts: What the decision saw.
        sources: Name of each answer read before deciding to its digest.
        decision: The verdict.

    Raises:
        InvalidInputError: A fact has no canonical form.
    """
    fired = ",".join(
        [_row(row.policy, row.version, row.rule, row.outcome) for row in decision.fired]
    )
    policies = ",".join(
        [
            _policy(key, version, digest)
            for key, (version, digest) in sorted(decision.policies.items())
        ]
    )
    reasons = ",".join(
        [_reason(row.reason) for row in decision.fired if row.outcome is decision.outcome]
    )
    body = (
        f'{{"at":{_text(at)},"engine":{_reason(decision.engine)}'
        f',"facts":{{"unknown":{_names(facts.unknown)},"values":{_mapping(facts.values)}}}'
        f',"fired":[{fired}],"obligations":{_obligations(decision.obligations)}'
        f',"outcome":"{decision.outcome}","policies":{{{policies}}}'
        f',"reasons":[{reasons}],"sources":{_mapping(sources)},"v":{RECORD_VERSION}}}'
    )
    try:
        return body.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError("a fact holds half of a surrogate pair") from error


def record_value(
    *, at: str, facts: FactSet, sources: Mapping[str, str], decision: Decision
) -> dict[str, Json]:
    """Return the record as a JSON value; ``record_body`` is its canonical encoding."""
    return {
        "v": RECORD_VERSION,
        "engine": decision.engine,
        "at": at,
        "facts": {"values": dict(facts.values), "unknown": sorted(facts.unknown)},
        "sources": dict(sources),
        "policies": {key: list(pair) for key, pair in decision.policies.items()},
        "outcome": str(decision.outcome),
        "fired": [[row.policy, row.version, row.rule, str(row.outcome)] for row in decision.fired],
        "obligations": obligations_value(decision.obligations),
        "reasons": list(decision.reasons),
    }


def record_digest(body: bytes) -> str:
    """Return lower-case hex SHA-256 over the domain and the body."""
    return hashlib.sha256(DIGEST_DOMAIN + body).hexdigest()


def obligations_value(obligations: Obligations) -> dict[str, Json]:
    """Return obligations as a JSON value."""
    return {
        "votes": obligations.votes,
        "roles": list(obligations.roles),
        "distinct_roles": obligations.distinct_roles,
        "step_up": obligations.step_up,
        "verification": obligations.verification,
        "deadline_minutes": obligations.deadline_minutes,
    }


def recordable(facts: FactSet) -> FactSet:
    """Return the facts as their record will give them back, so that replay sees the same.

    What JSON cannot tell apart becomes one thing: 40.0 is 40, a tuple is a list, a member of
    an enum its text. A NaN, a whole number beyond 2^53 or an object that is no JSON cannot
    stand in a record at all and becomes unknown, the stricter reading.
    """
    plain: dict[str, Json] = {}
    lost: set[str] = set()
    for name, value in facts.values.items():
        if not _is_plain(value):
            try:
                plain[name] = read_json(canonical_bytes(value))
            except (InvalidInputError, RecursionError):
                lost.add(name)
    if not plain and not lost:
        return facts
    kept = {name: value for name, value in facts.values.items() if name not in lost}
    return FactSet(values={**kept, **plain}, unknown=facts.unknown | lost)


def _is_plain(value: Json) -> bool:
    """Return whether a value surely comes back from a record as it is; cheap."""
    kind = value.__class__
    if kind is str:
        return bool(value.isascii())
    if kind is int:
        return bool(-MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER)
    if kind is float:
        return _is_plain_fraction(value)
    if kind is list:
        return all(item.__class__ is str and item.isascii() for item in value)
    return kind is bool


def read_json(text: bytes | str) -> Json:
    """Return the JSON value of canonical bytes, to the number.

    Raises:
        ValueError: It is no JSON.
    """
    return json.loads(text, parse_int=json_whole, parse_constant=no_json)


def json_whole(text: str) -> int | float:
    """Return a whole number of a record as it was before it was written."""
    # A fraction beyond 2^53 is written without a point; read as a whole number it would have
    # no canonical form any more.
    few = len(text) < _SAFE_DIGITS or abs(int(text[:_MOST_DIGITS])) <= MAX_SAFE_INTEGER
    return int(text) if few else float(text)


def no_json(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which are no JSON."""
    raise ValueError(f"{name} is no JSON")


def _mapping(value: Mapping[str, Json]) -> str:
    parts = []
    for name, head in _heads(tuple(value)):
        item = value[name]
        kind = item.__class__
        if kind is str:
            parts.append(head + _text(item))
        elif kind is bool:
            parts.append(head + ("true" if item else "false"))
        elif kind is int and -MAX_SAFE_INTEGER <= item <= MAX_SAFE_INTEGER:
            parts.append(head + str(item))
        elif kind is float and _is_plain_fraction(item):
            parts.append(head + repr(item))
        else:
            parts.append(head + _other(item))
    return "{" + ",".join(parts) + "}"


@lru_cache(maxsize=1024)
def _heads(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the names in the order of RFC 8785, by UTF-16 units, each with its key's text."""
    try:
        ordered = sorted(names, key=lambda name: name.encode("utf-16-be"))
    except UnicodeEncodeError as error:
        raise InvalidInputError("the name of a fact holds half of a surrogate pair") from error
    return tuple((name, _text(name) + ":") for name in ordered)


def _other(item: Json) -> str:
    if item.__class__ is list and not item:
        return "[]"
    try:
        return canonical_bytes(item).decode()
    except RecursionError as error:
        raise InvalidInputError("a fact is nested too deeply") from error


def _is_plain_fraction(value: float) -> bool:
    return _PLAIN_FROM <= abs(value) < _PLAIN_BELOW and not value.is_integer()


def _names(names: frozenset[str]) -> str:
    return f"[{','.join([_text(name) for name in sorted(names)])}]" if names else "[]"


@lru_cache(maxsize=4096)
def _row(policy: str, version: int, rule: str, outcome: Outcome) -> str:
    return canonical_bytes([policy, version, rule, outcome.value]).decode()


@lru_cache(maxsize=4096)
def _policy(key: str, version: int, digest: str) -> str:
    return canonical_bytes({key: [version, digest]}).decode()[1:-1]


@lru_cache(maxsize=4096)
def _reason(reason: str) -> str:
    return canonical_bytes(reason).decode()


@lru_cache(maxsize=1024)
def _obligations(obligations: Obligations) -> str:
    return canonical_bytes(obligations_value(obligations)).decode()
