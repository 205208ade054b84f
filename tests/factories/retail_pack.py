"""The retail pack as values, and the recorded runs judged by its policies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cases.packs.parsing import read_pack
from cases.packs.types import ItemKind, Known, Pack
from cases.tools import facts as tool_facts
from cases.tools.adapters.retail import catalogue, comparison, derived, grounds, language
from cases.tools.adapters.retail.dataset import load_tasks
from cases.tools.adapters.retail.store import OPERATIONS, RetailStore
from cases.tools.adapters.retail.types import RefusedError
from cases.tools.arguments import read_exact
from cases.tools.parsing import parse_tool
from cases.tools.rules import shows_effect
from cases.tools.types import Reads, ToolSpec
from governance.access.types import Role
from governance.policies.catalogue import known_facts
from governance.policies.compiled import CompiledPolicies, compile_tables
from governance.policies.decision import decide
from governance.policies.parsing import parse_policy
from governance.policies.types import Decision, FactSet
from orchestra.core import canonical

BUILTIN = Path(__file__).parents[2] / "cases" / "packs" / "builtin" / "retail"
AT = datetime(2026, 11, 19, 19, 5, tzinfo=UTC)
WRITES = frozenset(name for name, operation in OPERATIONS.items() if operation.writes)


@cache
def pack() -> Pack:
    functions = {
        *derived.FACTS,
        *derived.EACH,
        *language.EFFECTS,
        *comparison.ROWS,
        *grounds.GROUNDS,
    }
    specs = {spec.name: spec for spec in catalogue.FACT_SPECS}
    known = Known(
        roles=frozenset(Role), functions=frozenset(functions), facts={**known_facts(), **specs}
    )
    return read_pack(folder=BUILTIN, known=known)


@cache
def tools() -> Mapping[str, ToolSpec]:
    return {item.key: parse_tool(document=item.document) for item in pack().of(ItemKind.TOOL)}


@cache
def policies() -> CompiledPolicies:
    return compile_tables(
        tables=tuple(
            parse_policy(
                document=item.document,
                version=1,
                digest=canonical.digest("test", item.document),
            )
            for item in pack().of(ItemKind.POLICY)
        )
    )


def read_facts(spec: ToolSpec, arguments: Mapping[str, Any], store: RetailStore) -> Reads:
    values: dict[str, Any] = {}
    for read in spec.reads:
        each = [None]
        if read.for_each:
            each = derived.EACH[read.for_each](arguments, values)
        answers = []
        for element in each:
            filled = {
                name: tool_facts.paths.fill(path, root=arguments, reads=values, each=element)
                for name, path in read.arguments.items()
            }
            try:
                answers.append(store.call(operation=read.tool, arguments=filled))
            except RefusedError:
                return Reads(at=AT, values=values)
        values[read.name] = answers if read.for_each else answers[0]
    return Reads(at=AT, values=values)


def judge(
    name: str,
    arguments: Mapping[str, Any],
    store: RetailStore,
    *,
    customer: str,
    **changes: Any,
) -> Decision:
    spec = tools()[name]
    found = tool_facts.declared_facts(
        spec=spec,
        exact=read_exact(canonical.canonical_bytes(arguments)),
        reads=read_facts(spec, arguments, store),
        case_facts={"customer_ref": customer},
    )
    values = {
        "tool": name,
        "effect": str(spec.effect),
        "risk": spec.risk,
        "actor_kind": "agent",
        "actor_roles": ["ai_agent"],
        "queue": "orders",
        "channel": "chat",
        "confidence": 0.99,
        "margin": 0.9,
        "risk_flags": [],
        "verification": "basic",
        "off_plan": False,
        "earlier_refusals": 0,
        "customer_bound": True,
        "customer_confirmed": True,
        "specialist_request": False,
        **found.values,
        **changes,
    }
    limits = {f"limit:{limit.key}": 1 for table in policies().tables for limit in table.limits}
    return decide(
        facts=FactSet(values={**values, **limits}, unknown=found.unknown), policies=policies()
    )


@dataclass(frozen=True)
class Recorded:
    """One recorded call, with what was read and decided before it ran."""

    task: str
    name: str
    arguments: Mapping[str, Any]
    ok: bool
    reads: Reads
    decision: Decision


@cache
def recorded() -> tuple[Recorded, ...]:
    """Return every recorded call with what was read and decided before it ran."""
    return tuple(_played())


def _played() -> Iterator[Recorded]:
    store = RetailStore.fresh()
    for task in load_tasks():
        store.reset()
        customer = next(
            (
                store.call(operation="get_order_details", arguments={"order_id": order})["user_id"]
                for order in (step.arguments.get("order_id") for step in task.steps if step.ok)
                if order
            ),
            "",
        )
        for step in task.steps:
            owner = str(step.arguments.get("user_id") or customer)
            reads = read_facts(tools()[step.name], step.arguments, store)
            decision = judge(step.name, step.arguments, store, customer=owner)
            yield Recorded(task.id, step.name, step.arguments, step.ok, reads, decision)
            try:
                answer = store.call(operation=step.name, arguments=dict(step.arguments))
            except RefusedError:
                assert not step.ok
            else:
                confirm = tools()[step.name].confirm
                if confirm:
                    assert shows_effect(expect=confirm["expect"], answer=answer), step
