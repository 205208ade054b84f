"""A draft over recorded decisions: how many a second, on one core.

The draft changes one row of a 24-row policy, takes one away and adds one. Beside it, in the
same run and round by round, the plain way: read each record as JSON, call ``decide``, count.
Both must come to the same matrix, or nothing is compared.

    python benchmarks/backtest.py [--json] [--decisions N]
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.common import figure_of
from benchmarks.decide import AT, FACTS, SOURCES, TABLE
from governance.policies.compiled import CompiledPolicies
from governance.policies.decision import compile_tables, decide
from governance.policies.records import record_body, record_digest
from governance.policies.rehearsal import Rehearser
from governance.policies.replay import read_record
from governance.policies.tally import add, new_tally
from governance.policies.types import Condition, FactSet, Operator, PolicyTable

ROUNDS = 7
SEED = 118
#: An ordinary day: nine of ten calls move little, few are unsure.
_SMALL, _LARGE, _LIMIT = 30_000, 90_000, 0.9


def draft_of(table: PolicyTable) -> PolicyTable:
    """Return the table with a row changed, a row taken away and a row added."""
    rules = list(table.rules)
    lower = (Condition("amount_minor", Operator.ABOVE, 30_000),)
    rules[-1] = replace(rules[-1], when=lower)
    del rules[3]
    added = (Condition("verification", Operator.IS, "claimed"),)
    rules.append(replace(rules[0], id="added", when=added))
    return replace(table, rules=tuple(rules), version=2, digest="c" * 64)


BASE = compile_tables([TABLE])
DRAFT = compile_tables([draft_of(TABLE)])


def make_records(count: int, base: CompiledPolicies = BASE) -> list[tuple[bytes, str]]:
    """Return bodies and digests of decisions on varied facts, the same in every run."""
    drawn = random.Random(SEED)  # noqa: S311  no secret
    records = []
    for number in range(count):
        top = _SMALL if drawn.random() < _LIMIT else _LARGE
        facts = FactSet(
            values={
                **FACTS.values,
                "amount_minor": drawn.randrange(100, top),
                "confidence": round(0.8 + drawn.random() / 5, 4),
                "local_hour": drawn.randrange(24),
                "earlier_refusals": drawn.randrange(2),
            }
        )
        body = record_body(
            at=AT,
            facts=facts,
            sources={**SOURCES, "order": f"{number:064x}"},
            decision=decide(facts=facts, policies=base),
        )
        records.append((body, record_digest(body)))
    return records


def ours(records: list[tuple[bytes, str]]) -> Counter[str]:
    """Rehearse the draft as the product does, digests checked."""
    rehearser = Rehearser(base=BASE, draft=DRAFT)
    tally = new_tally()
    for body, held in records:
        add(tally, compared=rehearser.compare(body=body, digest=held), decision_id="")
    return Counter(tally["matrix"])


def plain(records: list[tuple[bytes, str]]) -> Counter[str]:
    """Read every record, decide it again, and count."""
    matrix: Counter[str] = Counter()
    for body, _held in records:
        record = read_record(body)
        decision = decide(facts=record.facts, policies=DRAFT)
        matrix[f"{record.value['outcome']}>{decision.outcome}"] += 1
    return matrix


SUBJECTS: tuple[tuple[str, Callable[[list[tuple[bytes, str]]], Counter[str]]], ...] = (
    ("orchestra", ours),
    ("plain_decide", plain),
)


def main() -> None:
    """Measure both once a round, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--decisions", type=int, default=20_000)
    asked = parser.parse_args()
    records = make_records(asked.decisions)
    if ours(records) != plain(records):
        raise SystemExit("the two ways disagree; nothing is compared")
    rates: dict[str, list[float]] = {name: [] for name, _run in SUBJECTS}
    for _ in range(ROUNDS):
        for name, run in SUBJECTS:
            begun = time.process_time()
            run(records)
            rates[name].append(len(records) / (time.process_time() - begun))
    for name, samples in rates.items():
        figure = figure_of(
            bench="backtest",
            subject=name,
            unit="decisions/s",
            samples=samples,
            more_is_better=True,
        )
        line = f"{figure.bench:<10} {name:<14} {figure.median:12,.0f} /s  (95 %: {figure.p95:,.0f})"
        print(figure.as_line() if asked.json else line)


if __name__ == "__main__":
    main()
