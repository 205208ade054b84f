"""What a tool names outside of its own document; pure."""

from collections.abc import Iterator, Mapping

from cases.tools.types import ToolSpec

CURRENCY = "currency"


def functions_named(spec: ToolSpec) -> Iterator[tuple[str, str]]:
    """Yield each registered function that a tool names, with where it stands."""
    for name, source in spec.facts.items():
        if isinstance(source, Mapping):
            yield f"facts.{name}", str(source["function"])
    for read in spec.reads:
        if read.for_each and not read.for_each.startswith("$"):
            yield f"reads.{read.name}.for_each", read.for_each
    if spec.effect_text and " " not in spec.effect_text and "{" not in spec.effect_text:
        yield "effect_text", spec.effect_text
    if spec.before_after:
        yield "before_after", spec.before_after
    if spec.grounds:
        yield "grounds", spec.grounds


def reads_named(spec: ToolSpec) -> Iterator[tuple[str, str]]:
    """Yield each other tool that a tool asks something of, with where it stands."""
    for read in spec.reads:
        yield f"reads.{read.name}.tool", read.tool
    if spec.confirm:
        yield "confirm.tool", str(spec.confirm["tool"])


def tools_named(spec: ToolSpec) -> frozenset[str]:
    """Return every other tool that a tool cannot do without."""
    named = {name for _place, name in reads_named(spec)} | {spec.reversed_by}
    return frozenset(named - {"", spec.name})


def facts_given(spec: ToolSpec) -> frozenset[str]:
    """Return the facts that policies may expect of a tool; an amount brings its currency."""
    return frozenset(spec.facts) | (frozenset({CURRENCY}) if spec.money else frozenset())
