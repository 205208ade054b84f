"""Deciding over a 24-rule policy, alone and with its canonical record, against a plain loop.

Run ``python benchmarks/decide.py``; ``--json`` prints one object a line.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from governance.policies.decision import compile_tables, decide
from governance.policies.records import record_body, record_digest
from governance.policies.types import (
    Condition,
    FactSet,
    Operator,
    Outcome,
    PolicyTable,
    Rule,
    Scope,
)

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
        "priority": 3,
        "verification": "basic",
        "amount_minor": 61_000,
        "currency": "USD",
        "off_plan": False,
        "earlier_refusals": 0,
    }
)
AT = "2026-11-19T19:05:00.000000Z"
SOURCES = {"order": "a" * 64}


def _rule(number: int) -> Rule:
    conditions = (
        Condition("confidence", Operator.BELOW, 0.5 + number / 100),
        Condition("channel", Operator.IS, "chat"),
        Condition("risk_flags", Operator.LACKS, f"flag_{number}"),
    )
    amount = (Condition("amount_minor", Operator.ABOVE, 50_000),)
    return Rule(
        id=f"r{number}",
        title=f"Row {number}",
        when=amount if number == RULES - 1 else conditions,
        outcome=Outcome.APPROVE,
        reason=f"Reason {number}.",
    )


TABLE = PolicyTable(
    key="returns",
    title="Returns",
    version=1,
    digest="b" * 64,
    scope=Scope(tools=("refund",)),
    rules=tuple(_rule(number) for number in range(RULES)),
    thresholds={"USD": 50_000},
)
COMPILED = compile_tables([TABLE])

NAIVE = {
    "below": lambda seen, value: seen < value,
    "above": lambda seen, value: seen > value,
    "is": lambda seen, value: seen == value,
    "lacks": lambda seen, value: value not in seen,
}


def naive() -> list[str]:
    """Interpret the rows one by one, as one would write it first: no floors, no record."""
    return [
        rule.id
        for rule in TABLE.rules
        if all(
            condition.fact in FACTS.values
            and NAIVE[condition.operator.value](FACTS.values[condition.fact], condition.value)
            for condition in rule.when
        )
    ]


def ours() -> None:
    """Decide."""
    decide(facts=FACTS, policies=COMPILED)


def ours_recorded() -> None:
    """Decide, and make the canonical record with its digest."""
    decision = decide(facts=FACTS, policies=COMPILED)
    record_digest(record_body(at=AT, facts=FACTS, sources=SOURCES, decision=decision))


def measure(call: Callable[[], object]) -> list[float]:
    """Return microseconds a call, one figure a batch."""
    figures = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(BATCH):
            call()
        figures.append((time.perf_counter() - started) / BATCH * 1e6)
    return figures


def main() -> None:
    """Measure all subjects in one run, in turns, and print their medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    subjects = (
        ("decide", "orchestra", ours),
        ("decide_and_record", "orchestra", ours_recorded),
        ("decide", "plain-loop", naive),
    )
    for bench, subject, call in subjects:
        figures = measure(call)
        row = {
            "bench": bench,
            "subject": subject,
            "unit": "us",
            "median": round(statistics.median(figures), 2),
            "p95": round(statistics.quantiles(figures, n=20)[-1], 2),
            "runs": len(figures),
        }
        print(json.dumps(row) if as_json else f"{bench:<18} {subject:<11} {row['median']:8.2f} us")


if __name__ == "__main__":
    main()
