"""What a call is taken back with: which argument of the reversing tool gets what; pure.

A tool names the tool that takes it back as ``reversed_by``. Each argument of that one is filled
from where ``reversed_with`` says: ``$.order_id`` is an argument of the original call,
``$answer.refund_id`` stands in its answer, ``$facts.name`` is a fact it was decided on, and
anything else is the value itself. An argument that is not named there gets the argument of the
same name, or else what the answer holds under that name. Nothing is invented.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.tools import paths
from cases.tools.types import Effect, ToolSpec
from orchestra.core.errors import FieldError

Json = Any
Schema = Mapping[str, Json]

FIELD: Final = "reversed_with"
ANSWER: Final = "answer"
FACTS: Final = "facts"
#: What a mapping may go into besides the arguments.
SOURCES: Final = frozenset({ANSWER, FACTS})
#: Keys by which a schema describes a value elsewhere than under ``properties``.
_OPEN: Final = ("allOf", "anyOf", "oneOf", "if", "$ref", "$dynamicRef", "patternProperties")
_NUMBERS: Final = frozenset({"integer", "number"})


def reversal_arguments(
    schema: Schema,
    *,
    given: Mapping[str, Json],
    answered: Json,
    mapping: Mapping[str, Json] | None = None,
    facts: Mapping[str, Json] | None = None,
) -> dict[str, Json] | None:
    """Return what a reversing tool is called with, or None where that is not known.

    Args:
        schema: JSON Schema of the reversing tool's arguments.
        given: Arguments of the call that is to be taken back.
        answered: What that call answered.
        mapping: What the tool says under ``reversed_with``.
        facts: Values of the facts it was decided on, by name.
    """
    known = {**(answered if isinstance(answered, Mapping) else {}), **given}
    named = schema.get("properties", {})
    found = {name: known[name] for name in named if name in known}
    sources = {ANSWER: answered, FACTS: dict(facts or {})}
    for name, template in (mapping or {}).items():
        found.pop(name, None)
        value = paths.fill(template, root=given, reads=sources)
        if value is not paths.MISSING:
            found[name] = value
    lacks = any(name not in found for name in schema.get("required", ()))
    return None if lacks else found


def reversal_errors(spec: ToolSpec, other: ToolSpec) -> Iterator[FieldError]:
    """Yield what keeps a tool from being taken back by the one it names.

    Args:
        spec: The tool.
        other: The tool it names as ``reversed_by``.
    """
    for name, template in spec.reversed_with.items():
        yield from _mapped(spec, other, name, template)
    lacking = [
        str(name)
        for name in other.arguments.get("required", ())
        if name not in spec.reversed_with and not _is_known(spec, str(name))
    ]
    for name in lacking:
        message = _(
            "The tool %(tool)s requires %(argument)s; say where it comes from, such as "
            "$answer.%(argument)s with the answer declared."
        ) % {"tool": other.name, "argument": name}
        yield FieldError(f"{FIELD}.{name}", "missing_argument", message)
    if other.name == spec.name and spec.effect is Effect.WRITE and not spec.reversed_with:
        message = _("With the same arguments it would do the same again; say what differs.")
        yield FieldError(FIELD, "same_again", message)


def _mapped(spec: ToolSpec, other: ToolSpec, name: str, template: Json) -> Iterator[FieldError]:
    place = f"{FIELD}.{name}"
    if _at(other.arguments, name) is None:
        message = _("The tool %(tool)s takes no %(argument)s.") % {
            "tool": other.name,
            "argument": name,
        }
        yield FieldError(place, "unknown_argument", message)
        return
    for path in _paths_in(template):
        if (wrong := _source_error(spec, path)) is not None:
            yield FieldError(place, "unknown_source", wrong)
            return
    if paths.is_path(template) and not _fits(_source(spec, template), _at(other.arguments, name)):
        message = _("The tool %(tool)s takes %(argument)s in another type.") % {
            "tool": other.name,
            "argument": name,
        }
        yield FieldError(place, "type", message)


def _source_error(spec: ToolSpec, path: str) -> str | None:
    root = paths.source_name(path)
    if root == FACTS:
        fact = path.removeprefix(f"${FACTS}").removeprefix(".").partition(".")[0].partition("[")[0]
        if fact in spec.facts:
            return None
        return _("The tool declares no fact %(fact)s.") % {"fact": fact or path}
    if root == ANSWER and spec.output is None:
        return _("Declare the answer under output, so that %(path)s can be checked.") % {
            "path": path
        }
    if _source(spec, path) is not None:
        return None
    what = _("answer") if root == ANSWER else _("arguments")
    return _("The tool's %(what)s hold no %(path)s.") % {"what": what, "path": path}


def _source(spec: ToolSpec, path: str) -> Schema | None:
    """Return the schema of what stands at a path; empty where that is not told, None for none."""
    root = paths.source_name(path)
    if root == FACTS:
        return {}
    schema: Schema | None = spec.output or {} if root == ANSWER else spec.arguments
    for step in paths.steps_of(path):
        schema = None if schema is None else _into(schema, step)
    return schema


def _into(schema: Schema, step: str | int) -> Schema | None:
    if isinstance(step, int):
        items = schema.get("items")
        return items if isinstance(items, Mapping) else {}
    return _at(schema, step)


def _at(schema: Schema, name: str) -> Schema | None:
    """Return the schema of a property; a schema of several parts is not judged here."""
    found = schema.get("properties", {}).get(name)
    if found is not None:
        return found if isinstance(found, Mapping) else {}
    return {} if any(key in schema for key in _OPEN) else None


def _is_known(spec: ToolSpec, name: str) -> bool:
    in_answer = spec.output is not None and _at(spec.output, name) is not None
    return in_answer or _at(spec.arguments, name) is not None


def _fits(source: Schema | None, target: Schema | None) -> bool:
    given, taken = (source or {}).get("type"), (target or {}).get("type")
    if not isinstance(given, str) or not isinstance(taken, str):
        return True
    return given == taken or {given, taken} <= _NUMBERS


def _paths_in(template: Json) -> Iterator[str]:
    if paths.is_path(template):
        yield template
    elif isinstance(template, Mapping):
        for item in template.values():
            yield from _paths_in(item)
    elif isinstance(template, list):
        for item in template:
            yield from _paths_in(item)
