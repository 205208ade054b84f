"""What an action rests on, line by line, and who shows it; pure.

The lines go into the view that a vote binds, so they are not translated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cases.tools import paths
from cases.tools.registry import Ground, Grounds, fact_functions
from cases.tools.types import Json, Reads, ToolSpec
from governance.policies.types import FactSet

CONFIRMED = "confirmed"
CLAIMED = "claimed"
UNKNOWN = "unknown"
NO_TOOL_SHOWS_IT = "no tool shows it"

_TRUST = (CONFIRMED, CLAIMED, UNKNOWN)


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One thing the decision rests on.

    Attributes:
        trust: ``confirmed`` (a tool or a person showed it), ``claimed`` (somebody says so) or
            ``unknown`` (nobody knows).
        source: Where it comes from, such as the tool that was read.
        at: When it was seen or said; None where that has no meaning.
    """

    text: str
    trust: str
    source: str
    at: datetime | None = None


def fact_lines(
    *, spec: ToolSpec, facts: FactSet, reads: Reads, grounds: Grounds
) -> list[EvidenceLine]:
    """Return what the tool's grounds say, and every declared fact that they leave out.

    The confirmed come first, then the claimed, then what nobody knows. A ground that rests on
    a fact which is unknown says nothing: the fact itself is then listed as unknown.

    Args:
        spec: The tool.
        facts: What was decided on.
        reads: What its reads answered.
        grounds: What the tool says about this call.
    """
    said = [line for line in grounds.lines if not facts.unknown.intersection(line.facts)]
    covered = {name for line in said for name in line.facts}
    lines = [_grounded(line, reads) for line in said]
    lines += _others(spec, facts, reads, covered)
    return sorted(lines, key=lambda line: _TRUST.index(line.trust))


def _grounded(line: Ground, reads: Reads) -> EvidenceLine:
    shown_by = dict.fromkeys(reads.tools.get(read, read) for read in line.shown_by)
    return EvidenceLine(
        text=line.text,
        trust=line.trust,
        source=line.source or ", ".join(shown_by),
        at=reads.at if shown_by else None,
    )


def _others(
    spec: ToolSpec, facts: FactSet, reads: Reads, covered: set[str]
) -> Iterator[EvidenceLine]:
    for name, declared in spec.facts.items():
        if name in covered:
            continue
        source, trust = _origin(reads, declared)
        meaning = _meaning(declared)
        if name in facts.unknown:
            yield EvidenceLine(
                text=meaning or _capital(name), trust=UNKNOWN, source=source or NO_TOOL_SHOWS_IT
            )
        elif name in facts.values:
            yield EvidenceLine(
                text=_stated(name, facts.values[name], meaning),
                trust=trust,
                source=source,
                at=reads.at,
            )


def _origin(reads: Reads, declared: Json) -> tuple[str, str]:
    """Return the source of a declared fact, and how far it is trusted."""
    if isinstance(declared, Mapping):
        answered = [tool for read, tool in reads.tools.items() if read in reads.values]
        # A function over what tools answered is shown by them; over arguments alone it is not.
        return ", ".join(dict.fromkeys(answered)), CONFIRMED if answered else CLAIMED
    read = paths.source_name(str(declared))
    return (reads.tools.get(read, read), CONFIRMED) if read else ("arguments", CLAIMED)


def _meaning(declared: Json) -> str:
    """Return the sentence of a fact that is yes or no, without its full stop; else nothing."""
    if not isinstance(declared, Mapping):
        return ""
    function = fact_functions.find(str(declared.get("function")))
    return function.meaning.rstrip(".") if function and function.type == "boolean" else ""


def _stated(name: str, value: Json, meaning: str) -> str:
    if meaning and isinstance(value, bool):
        return meaning if value else f"Not so: {meaning[:1].lower()}{meaning[1:]}"
    return f"{_capital(name)}: {_said(value)}"


def _capital(name: str) -> str:
    words = name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


def _said(value: Json) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return "nothing" if value is None else str(value)
