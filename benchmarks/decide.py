"""Deciding over a 24-rule policy, alone and with its canonical record, and over ten times as many.

Beside it, in the same run and round by round, a plain interpreter of the same document
written below: the same meaning of known, unknown and not applicable, the strictest outcome,
no floors, and its record by the general canonical encoder; and the same rows in Rust CEL and in
Cedar, where these are installed, see ``engines``.

    python benchmarks/decide.py [--json]
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.engines import engines
from governance.policies.decision import compile_tables, decide
from governance.policies.parsing import table_to_document
from governance.policies.records import record_body, record_digest
from governance.policies.types import (
    Condition,
    FactSet,
    Obligations,
    Operator,
    Outcome,
    PolicyTable,
    Rule,
    Scope,
)
from orchestra.core.canonical import digest

RULES = 24
BATCH = 500
ROUNDS = 40
FACTS = FactSet(
    values={
        "tool": "refund",
        "effect": "write",
        "risk": "high",
        "actor_kind": "agent",
        "actor_roles": ["ai_agent"],
        "queue": "returns",
        "cue_sheet": "return_items",
        "pattern": "ai_first",
        "stage": "execute",
        "channel": "chat",
        "confidence": 0.97,
        "margin": 0.4,
        "risk_flags": [],
        "priority": "normal",
        "verification": "basic",
        "amount_minor": 61_000,
        "currency": "USD",
        "off_plan": False,
        "earlier_refusals": 0,
    }
)
AT = "2026-11-19T19:05:00.000000Z"
SOURCES = {"order": "a" * 64}


def _rule(number: int, count: int) -> Rule:
    conditions = (
        Condition("confidence", Operator.BELOW, 0.5 + number * RULES / count / 100),
        Condition("channel", Operator.IS, "chat"),
        Condition("risk_flags", Operator.LACKS, f"flag_{number}"),
    )
    amount = (Condition("amount_minor", Operator.ABOVE, 50_000),)
    return Rule(
        id=f"r{number}",
        title=f"Row {number}",
        when=amount if number == count - 1 else conditions,
        outcome=Outcome.APPROVE,
        reason=f"Reason {number}.",
        obligations=Obligations(votes=1),
    )


def table_of(count: int) -> PolicyTable:
    """Return a policy of so many rows, of which the last fires."""
    return PolicyTable(
        key="returns",
        title="Returns",
        version=1,
        digest="b" * 64,
        scope=Scope(tools=("refund",)),
        rules=tuple(_rule(number, count) for number in range(count)),
        thresholds={"USD": 50_000},
    )


TABLE = table_of(RULES)
COMPILED = compile_tables([TABLE])
LARGE = compile_tables([table_of(RULES * 10)])
OTHERS = engines(TABLE)

DOCUMENT = table_to_document(TABLE)
STRICTNESS = [outcome.value for outcome in Outcome]


def holds(condition: dict[str, Any]) -> bool:
    """Answer one condition of the document, operator by operator."""
    fact = condition["fact"]
    if fact in FACTS.unknown:
        return True
    if fact not in FACTS.values:
        return False
    seen = FACTS.values[fact]
    for operator, compare in (
        ("is", lambda value: seen == value),
        ("is_not", lambda value: seen != value),
        ("below", lambda value: seen < value),
        ("above", lambda value: seen > value),
        ("contains", lambda value: value in seen),
        ("lacks", lambda value: value not in seen),
    ):
        if operator in condition:
            return bool(compare(condition[operator]))
    raise ValueError(condition)


def plain() -> dict[str, Any]:
    """Interpret the document row by row, as one would write it first."""
    fired = [rule for rule in DOCUMENT["rules"] if all(map(holds, rule["when"]))]
    outcome = max((rule["outcome"] for rule in fired), key=STRICTNESS.index, default="allow")
    deciding = [rule for rule in fired if rule["outcome"] == outcome]
    return {
        "outcome": outcome,
        "fired": [[TABLE.key, TABLE.version, rule["id"], rule["outcome"]] for rule in fired],
        "reasons": [rule["reason"] for rule in deciding],
        "obligations": {
            "votes": max((rule["obligations"]["votes"] for rule in deciding), default=0)
        },
    }


def plain_recorded() -> None:
    """Interpret, and make a canonical record with its digest."""
    value = {
        "v": 1,
        "at": AT,
        "facts": {"values": dict(FACTS.values), "unknown": sorted(FACTS.unknown)},
        "sources": SOURCES,
        "policies": {TABLE.key: [TABLE.version, TABLE.digest]},
        **plain(),
    }
    digest("plain.v1", value)


def ours() -> None:
    """Decide."""
    decide(facts=FACTS, policies=COMPILED)


def ours_recorded() -> None:
    """Decide, and make the canonical record with its digest."""
    decision = decide(facts=FACTS, policies=COMPILED)
    record_digest(record_body(at=AT, facts=FACTS, sources=SOURCES, decision=decision))


def ours_large() -> None:
    """Decide over ten times as many rows."""
    decide(facts=FACTS, policies=LARGE)


def fired_here() -> frozenset[str]:
    """Return the rows of the policy that fire."""
    decision = decide(facts=FACTS, policies=COMPILED)
    return frozenset(row.rule for row in decision.fired if row.policy == TABLE.key)


SUBJECTS: tuple[tuple[str, str, Callable[[], object]], ...] = (
    ("decide", "orchestra", ours),
    ("decide", "plain_interpreter", plain),
    *(("decide", name, partial(fired, FACTS)) for name, fired in OTHERS.items()),
    ("decide_240_rows", "orchestra", ours_large),
    ("decide_and_record", "orchestra", ours_recorded),
    ("decide_and_record", "plain_interpreter", plain_recorded),
)


def batch(call: Callable[[], object]) -> float:
    """Return microseconds of processor time a call over one batch."""
    begun = time.process_time()
    for _ in range(BATCH):
        call()
    return (time.process_time() - begun) / BATCH * 1e6


def main() -> None:
    """Measure every subject once a round, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    as_json = parser.parse_args().json
    if plain()["outcome"] != decide(facts=FACTS, policies=COMPILED).outcome:
        raise SystemExit("the plain interpreter and the product disagree; nothing is compared")
    for name, fired in OTHERS.items():
        if fired(FACTS) != fired_here():
            raise SystemExit(f"{name} and the product disagree; nothing is compared")
    rounds = [[batch(call) for _bench, _subject, call in SUBJECTS] for _ in range(ROUNDS)]
    for (bench, subject, _call), figures in zip(SUBJECTS, zip(*rounds, strict=True), strict=True):
        row = {
            "bench": bench,
            "subject": subject,
            "unit": "us",
            "median": round(statistics.median(figures), 2),
            "p95": round(statistics.quantiles(figures, n=20)[-1], 2),
            "runs": len(figures),
        }
        line = f"{bench:<18} {subject:<18} {row['median']:8.2f} us  (95 %: {row['p95']:.2f})"
        print(json.dumps(row) if as_json else line)


if __name__ == "__main__":
    main()
