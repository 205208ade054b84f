"""The tools that an upstream MCP server lists, to drafts of tools; pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from cases.tools.importing.dialect import Converter, UnusableError
from cases.tools.importing.naming import Offered, check_tools, draft_of, tool_name
from cases.tools.importing.types import Manifest
from orchestra.core.errors import FieldError

Json = Any

SOURCE: Final = "mcp"
MAX_TOOLS: Final = 500
_HINTS: Final = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint", "title")


def read_mcp_tools(
    *,
    listed: Sequence[Json],
    title: str,
    connection: str,
    prefix: str = "",
    only: Collection[str] = (),
) -> Manifest:
    """Return the tools that a server lists.

    Every one counts as a write at high risk: a server may say that a tool only reads, and
    that is kept to be read by whoever decides.

    Args:
        listed: The entries of ``tools/list``.
        title: What the server calls itself.
        connection: Key of the connection that the tools use.
        prefix: Put before every name.
        only: Names of the tools that are wanted; empty for all.

    Raises:
        InvalidInputError: An entry that is wanted cannot be a tool; with every finding.
    """
    tools: list[tuple[str, Mapping[str, Json]]] = []
    errors: list[FieldError] = []
    left_out: list[FieldError] = []
    if len(listed) > MAX_TOOLS:
        errors.append(FieldError("", "too_large", f"it lists more than {MAX_TOOLS} tools"))
    for index, entry in enumerate(listed[:MAX_TOOLS]):
        called = entry.get("name") if isinstance(entry, Mapping) else None
        if not isinstance(called, str) or not called:
            errors.append(FieldError(f"tools[{index}]", "name", "has no name"))
            continue
        name = tool_name(called, prefix)
        if only and name not in only:
            left_out.append(FieldError(called, "not_wanted", name))
            continue
        try:
            tools.append((called, _document(entry, called, name, connection)))
        except UnusableError as error:
            errors.append(FieldError(called, "unusable", f"{name}: {error}"))
    checked = check_tools(tools, errors=errors, only=only)
    return Manifest(SOURCE, title[:200], checked, tuple(left_out))


def _document(
    entry: Mapping[str, Json], called: str, name: str, connection: str
) -> dict[str, Json]:
    arguments = _schema(entry.get("inputSchema", {"type": "object"}))
    if arguments.get("type", "object") != "object":
        raise UnusableError("its arguments have no names")
    arguments = {"properties": {}, **arguments, "type": "object"}
    output = entry.get("outputSchema")
    annotations = entry.get("annotations")
    hints = annotations if isinstance(annotations, Mapping) else {}
    return draft_of(
        Offered(
            name=name,
            title=str(entry.get("title") or ""),
            description=str(entry.get("description") or ""),
            connection=connection,
            operation={"name": called},
            reads=False,
            arguments=arguments,
            output=_schema(output) if output is not None else None,
            source=SOURCE,
            called=called,
            says={hint: _short(hints[hint]) for hint in _HINTS if hint in hints},
        )
    )


def _schema(schema: Json) -> dict[str, Json]:
    converted = Converter(schema).convert(schema)
    if not isinstance(converted, Mapping):
        raise UnusableError("a schema of it is no object")
    return dict(converted)


def _short(value: Json) -> Json:
    return value if isinstance(value, bool) else str(value)[:200]
