"""Records a history of decisions with its tables; what is committed is never made anew.

    .venv/bin/python -m tests.histories.generate

writes the histories below that do not stand yet. A recorded one stays as it is: that today's
code still agrees with it is what it is for.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from governance.policies.decision import compile_tables, decide
from governance.policies.parsing import parse_policy
from governance.policies.records import record_body, record_digest, recordable
from governance.policies.types import FactSet
from governance.reviews.rules import document_digest
from tests.factories.policies import ABSENT, UNKNOWN, make_document, make_facts

AT = "2026-11-19T19:05:00.000000Z"
FOLDER = Path(__file__).parent


def record_history(
    documents: Iterable[Mapping[str, Any]], facts: Iterable[FactSet]
) -> dict[str, Any]:
    """Decide on each set of facts under version 1 of the documents and keep every record."""
    policies = [{"version": 1, "document": document} for document in documents]
    compiled = compile_tables(
        parse_policy(
            document=held["document"],
            version=1,
            digest=document_digest(kind="policy", document=held["document"]),
        )
        for held in policies
    )
    decisions = []
    for each in map(recordable, facts):
        decision = decide(facts=each, policies=compiled)
        body = record_body(at=AT, facts=each, sources={"order": "b" * 64}, decision=decision)
        decisions.append({"body": body.decode(), "digest": record_digest(body)})
    return {"policies": policies, "decisions": decisions}


def odd_values() -> dict[str, Any]:
    """Facts whose text in a record is not the text Python would write."""
    narrow = make_document(key="narrow", limits=[], thresholds={"USD": 3000, "EUR": 1})
    changes: list[dict[str, Any]] = [
        {"amount_minor": 40.0},
        {"amount_minor": -1},
        {"amount_minor": UNKNOWN},
        {"amount_minor": ABSENT, "currency": ABSENT},
        {"confidence": 1e-7, "margin": 0.1 + 0.2},
        {"confidence": 1e17, "margin": 1e21},
        {"confidence": float("nan")},
        {"risk_flags": ("fraud", "Ünal \u2028 \U0001f600")},
        {"verification": 3.0},
        {"tool": ["refund"]},
        {"tool": "lookup", "risk": "low"},
        {"risk": "critical", "actor_kind": "human", "specialist_request": True},
    ]
    return record_history(
        [make_document(), narrow],
        (make_facts(**{"limit:refund_day": 4000, **each}) for each in changes),
    )


def main() -> None:
    """Write each history that does not stand yet."""
    for name, make in (("odd_values", odd_values),):
        path = FOLDER / f"{name}.json"
        if not path.exists():
            path.write_text(json.dumps(make(), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
