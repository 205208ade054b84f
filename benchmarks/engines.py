"""The rows of the benchmark's policy in other engines: Rust CEL and Cedar, where installed.

Each is given the rows compiled once, and the facts of one action at a time; each answers with
the ids of all rows that fire, which have to be ours, or nothing is compared.

    pip install common-expression-language cedarpy
"""

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from governance.policies.types import Condition, FactSet, Operator, PolicyTable, Rule

Json = Any
Fired = Callable[[FactSet], frozenset[str]]

_SIGNS = {Operator.BELOW: "<", Operator.ABOVE: ">", Operator.IS: "=="}
#: Cedar knows no fractions.
_SCALE = 10_000


def engines(table: PolicyTable) -> dict[str, Fired]:
    """Return the engines that are installed, by name, ready for a table."""
    known: dict[str, tuple[str, Callable[[Any, PolicyTable], Fired]]] = {
        "rust_cel": ("cel", _cel),
        "cedar": ("cedarpy", _cedar),
    }
    return {
        name: make(import_module(module), table)
        for name, (module, make) in known.items()
        if find_spec(module)
    }


def _cel(cel: Any, table: PolicyTable) -> Fired:
    programs = [(rule.id, cel.compile(_cel_text(rule))) for rule in table.rules]

    def fired(facts: FactSet) -> frozenset[str]:
        context = cel.Context(dict(facts.values))
        return frozenset(name for name, program in programs if program.execute(context))

    return fired


def _cel_text(rule: Rule) -> str:
    return " && ".join(map(_cel_condition, rule.when)) or "true"


def _cel_condition(condition: Condition) -> str:
    value = json.dumps(condition.value)
    if condition.operator is Operator.LACKS:
        return f"!({value} in {condition.fact})"
    return f"{condition.fact} {_SIGNS[condition.operator]} {value}"


def _cedar(cedar: Any, table: PolicyTable) -> Fired:
    texts = [
        f'@id("{rule.id}") forbid(principal, action, resource) when {{ '
        + (" && ".join(map(_cedar_condition, rule.when)) or "true")
        + " };"
        for rule in table.rules
    ]
    policies = cedar.PolicySet.from_str("\n".join(["permit(principal, action, resource);", *texts]))
    entities = cedar.Entities.from_json_str("[]")
    names = {f"policy{place}": rule.id for place, rule in enumerate(table.rules, 1)}

    def fired(facts: FactSet) -> frozenset[str]:
        request = {
            "principal": 'Actor::"agent"',
            "action": 'Action::"refund"',
            "resource": 'Order::"w1"',
            "context": _scaled(facts.values),
        }
        answer = cedar.is_authorized(request, policies, entities)
        reasons = set(answer.diagnostics.reasons) - {"policy0"}
        return frozenset(names.get(one, one) for one in reasons)

    return fired


def _scaled(values: Mapping[str, Json]) -> dict[str, Json]:
    return {
        name: round(value * _SCALE) if isinstance(value, float) else value
        for name, value in values.items()
    }


def _cedar_condition(condition: Condition) -> str:
    value = condition.value
    said = json.dumps(round(value * _SCALE) if isinstance(value, float) else value)
    if condition.operator is Operator.LACKS:
        return f"!context.{condition.fact}.contains({said})"
    return f"context.{condition.fact} {_SIGNS[condition.operator]} {said}"
