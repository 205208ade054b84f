"""What every imported tool has in common: its name, risk and digest, and one check of all; pure."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cases.tools.parsing import parse_tool
from orchestra.core import canonical
from orchestra.core.errors import FieldError, InvalidInputError

Json = Any

DIGEST_DOMAIN: Final = "orchestra.upstream.v1"
MAX_NAME: Final = 100
MAX_TITLE: Final = 150
MAX_TEXT: Final = 2000
#: What of a tool stands at the upstream, and not with the people who review it.
THEIRS: Final = ("operation", "arguments", "output", "upstream")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def tool_name(called: str, prefix: str) -> str:
    """Return a tool's name made of what the upstream calls it."""
    plain = re.sub(r"[^a-z0-9]+", "_", _HUMP.sub("_", called).lower()).strip("_")
    name = f"{prefix}{plain}"
    return (name if name[:1].isalpha() else f"call_{name}")[:MAX_NAME].rstrip("_")


@dataclass(frozen=True, slots=True)
class Offered:
    """One operation as the upstream offers it.

    Attributes:
        called: What the upstream calls it.
        reads: Whether the way it is called can only read.
        output: Schema of its answer; None for none.
        says: What the upstream says of itself, which nothing relies on.
    """

    name: str
    title: str
    description: str
    connection: str
    operation: Mapping[str, Json]
    reads: bool
    arguments: Mapping[str, Json]
    output: Json
    source: str
    called: str
    says: Mapping[str, Json]


def draft_of(offered: Offered) -> dict[str, Json]:
    """Return the draft of one tool, with the digest of what stands at the upstream."""
    theirs: dict[str, Json] = {
        "operation": dict(offered.operation),
        "arguments": dict(offered.arguments),
    }
    if isinstance(offered.output, Mapping) and offered.output:
        theirs["output"] = dict(offered.output)
    says = dict(offered.says)
    about = {"called": offered.called, "description": offered.description, "says": says}
    try:
        digest = canonical.digest(DIGEST_DOMAIN, {**theirs, **about})
    except InvalidInputError:
        # A number without a canonical form: the check of the tool names it.
        digest = "0" * 64
    upstream: dict[str, Json] = {
        "source": offered.source,
        "name": offered.called[:200],
        "digest": digest,
    }
    if says:
        upstream["says"] = says
    return {
        "name": offered.name,
        "title": _line(offered.title)[:MAX_TITLE] or offered.name.replace("_", " ").capitalize(),
        "description": offered.description.strip()[:MAX_TEXT],
        "connection": offered.connection,
        "effect": "read" if offered.reads else "write",
        # Until a person decides: what may write can do harm, and what reads may be personal.
        "risk": "medium" if offered.reads else "high",
        **theirs,
        "upstream": upstream,
    }


def check_tools(
    tools: Sequence[tuple[str, Mapping[str, Json]]],
    *,
    errors: Sequence[FieldError],
    only: Collection[str],
) -> dict[str, Mapping[str, Json]]:
    """Return the tools by name, once all of them can be read as tools.

    Args:
        tools: Where each stands at the upstream, and its draft.
        errors: What was found before.
        only: Names that are wanted; each must be there.

    Raises:
        InvalidInputError: With everything that is wrong, at once.
    """
    found = list(errors)
    counted = Counter(str(document["name"]) for _place, document in tools)
    for place, document in tools:
        if counted[str(document["name"])] > 1:
            message = f"two operations would be the tool {document['name']}; give them names"
            found.append(FieldError(place, "duplicate", message))
        try:
            parse_tool(document=canonical.loads_strict(canonical.canonical_bytes(dict(document))))
        except InvalidInputError as error:
            said = error.errors or (FieldError("", "invalid", error.message),)
            found += [FieldError(f"{place}: {one.field}", one.code, one.message) for one in said]
    for name in sorted(set(only) - set(counted)):
        found.append(FieldError(name, "unknown", "the description has no such tool"))
    if not tools and not found:
        found.append(FieldError("", "empty", "the description offers nothing that can be called"))
    if found:
        raise InvalidInputError(
            f"The description has {len(found)} error(s); nothing was imported.",
            code="import.invalid",
            errors=found,
        )
    return {str(document["name"]): document for _place, document in tools}


def _line(text: str) -> str:
    return " ".join(text.split())
