"""What stops a tool from going into force: its own errors, and what would break around it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases.tools import registry
from cases.tools.models import Connection, ToolDefinition
from cases.tools.parsing import parse_tool
from cases.tools.references import facts_given, functions_named, reads_named, tools_named
from cases.tools.registry import Use
from cases.tools.selectors import canonical_document, spec_of
from cases.tools.types import Effect, ToolSpec
from cases.tools.undoing import reversal_errors
from governance.access.models import Queue
from governance.policies.loading import policies_in_force
from governance.policies.types import PolicyTable
from orchestra.core.errors import FieldError, InvalidInputError

Json = Any
TOOL_USE = "tool"
POLICY_USE = "policy"


def find_errors(document: Mapping[str, Json]) -> tuple[FieldError, ...]:
    """Return everything that stops a document from being put into force, all at once."""
    try:
        spec = parse_tool(document=canonical_document(document))
    except InvalidInputError as error:
        return error.errors or (FieldError("", "invalid", error.message),)
    rows = ToolDefinition.objects.select_related("connection").filter(retired_at=None)
    others = {row.name: row for row in rows}
    present = others.pop(spec.name, None)
    tables = policies_in_force().tables
    return (
        *_references(spec),
        *_tools(spec, others),
        *_functions(spec),
        *_lost_facts(spec, present, tables),
        *_other_tools(spec, others.values()),
        *(error for name in registry.users for error in registry.users.get(name).broken_by(spec)),
    )


def uses_of(name: str) -> tuple[Use, ...]:
    """Return everything in force that uses a tool: policies, other tools, what lies above."""
    policies = (
        Use(POLICY_USE, table.key, table.title)
        for table in policies_in_force().tables
        if name in table.scope.tools
    )
    rows = ToolDefinition.objects.select_related("connection").filter(retired_at=None)
    tools = (
        Use(TOOL_USE, row.name, row.title)
        for row in rows.exclude(name=name)
        if (spec := _spec(row)) is not None and name in tools_named(spec)
    )
    above = (use for key in registry.users for use in registry.users.get(key).using(name))
    return (*policies, *tools, *above)


def _spec(row: ToolDefinition) -> ToolSpec | None:
    try:
        return spec_of(row)
    except InvalidInputError:
        return None


def _references(spec: ToolSpec) -> Iterator[FieldError]:
    """Yield what the tool leaves open, and what it names and is not there."""
    if not spec.risk:
        message = _("A tool without a risk level is denied; declare one.")
        yield FieldError("risk", "required", message)
    if not Connection.objects.filter(key=spec.connection).exists():
        message = _("There is no connection %(name)s.") % {"name": spec.connection}
        yield FieldError("connection", "unknown_connection", message)
    queue = (spec.hands_off or {}).get("queue")
    if queue and not Queue.objects.filter(key=queue).exists():
        message = _("There is no queue %(name)s.") % {"name": queue}
        yield FieldError("hands_off.queue", "unknown_queue", message)


def _tools(spec: ToolSpec, others: Mapping[str, ToolDefinition]) -> Iterator[FieldError]:
    """Yield the other tools that it names and that are not in force, or not as it needs them."""
    for place, name in reads_named(spec):
        found = others.get(name)
        reads_itself = name == spec.name and spec.effect is Effect.READ
        if not reads_itself and (found is None or found.effect != Effect.READ):
            message = _("No tool %(name)s that only reads is in force.") % {"name": name}
            yield FieldError(place, "unknown_tool", message)
    if spec.reversed_by and spec.reversed_by not in {*others, spec.name}:
        message = _("No tool %(name)s is in force.") % {"name": spec.reversed_by}
        yield FieldError("reversed_by", "unknown_tool", message)
    elif spec.reversed_by:
        yield from _taking_back(spec, others)


def _taking_back(spec: ToolSpec, others: Mapping[str, ToolDefinition]) -> Iterator[FieldError]:
    """Yield what keeps the reversing tool from being called with what is known."""
    row = others.get(spec.reversed_by)
    other = spec if row is None else _spec(row)
    if other is not None:
        yield from reversal_errors(spec, other)


def _functions(spec: ToolSpec) -> Iterator[FieldError]:
    for place, name in functions_named(spec):
        if name not in _known_functions(place):
            message = _("No function %(name)s is registered for this.") % {"name": name}
            yield FieldError(place, "unknown_function", message)


def _known_functions(place: str) -> Iterable[str]:
    named: Mapping[str, Iterable[str]] = {
        "facts": registry.fact_functions,
        "reads": registry.each_functions,
        "effect_text": registry.effect_texts,
        "before_after": registry.before_after,
        "grounds": registry.grounds,
    }
    return named[place.partition(".")[0]]


def _in_scope(table: PolicyTable, name: str) -> bool:
    return not table.scope.tools or name in table.scope.tools


def _lost_facts(
    spec: ToolSpec, present: ToolDefinition | None, tables: Iterable[PolicyTable]
) -> Iterator[FieldError]:
    """Yield the facts that the tool gives now, would no longer give, and policies look at.

    A row that looks at a fact nobody declares never fires, so it would silently be gone.
    """
    before = _spec(present) if present is not None else None
    lost = facts_given(before) - facts_given(spec) if before is not None else frozenset()
    for table in tables if lost else ():
        if not _in_scope(table, spec.name):
            continue
        for row, named in _facts_by_row(table):
            for fact in sorted(lost & named):
                message = _(
                    "The policy “%(policy)s” looks at %(fact)s in its row “%(row)s”, which the "
                    "tool would no longer give. Change the policy first, or keep the fact."
                ) % {"policy": table.title, "fact": fact, "row": row}
                yield FieldError(f"facts.{fact}", "used_fact", message)


def _facts_by_row(table: PolicyTable) -> Iterator[tuple[str, frozenset[str]]]:
    for rule in table.rules:
        if not rule.disabled:
            yield rule.title, frozenset(condition.fact for condition in rule.when)
    for limit in table.limits:
        if not limit.disabled and limit.measure != "count":
            yield limit.title, frozenset({limit.measure, "currency"})
    for invariant in table.invariants:
        yield invariant.title, frozenset(condition.fact for condition in invariant.when)
    if table.thresholds:
        yield str(_("Amounts that need no vote")), frozenset({"amount_minor", "currency"})


def _other_tools(spec: ToolSpec, others: Iterable[ToolDefinition]) -> Iterator[FieldError]:
    """Yield the tools in force that ask this one what it would no longer answer."""
    for row in others:
        other = _spec(row)
        if other is None:
            continue
        asked = [place for place, name in reads_named(other) if name == spec.name]
        if asked and spec.effect is not Effect.READ:
            message = _("The tool “%(tool)s” reads through this one, so it must only read.") % {
                "tool": other.title
            }
            yield FieldError("effect", "read_by_tool", message)
        yield from _no_longer_taken_back(spec, other)
        for missing in _unanswered(spec, other) if asked else ():
            message = _(
                "The tool “%(tool)s” reads through this one and would not give %(argument)s."
            ) % {"tool": other.title, "argument": missing}
            yield FieldError(f"arguments.{missing}", "read_by_tool", message)


def _no_longer_taken_back(spec: ToolSpec, other: ToolSpec) -> Iterator[FieldError]:
    """Yield what another tool, which this one takes back, would no longer give it."""
    for error in reversal_errors(other, spec) if other.reversed_by == spec.name else ():
        message = _("It takes back “%(tool)s”, which would not work any more: %(why)s") % {
            "tool": other.title,
            "why": error.message,
        }
        yield FieldError("arguments", "takes_back", message)


def _unanswered(spec: ToolSpec, other: ToolSpec) -> Iterator[str]:
    """Yield the required arguments that another tool's reads do not give."""
    required = [str(name) for name in spec.arguments.get("required", ())]
    given = [read.arguments for read in other.reads if read.tool == spec.name]
    if other.confirm and other.confirm["tool"] == spec.name:
        given.append(other.confirm["arguments"])
    yield from dict.fromkeys(name for each in given for name in required if name not in each)
