"""A tool's arguments as a form for people: fields out of its schema, values out of the form."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from cases.tools.types import ToolSpec
from orchestra.core import words
from orchestra.core.errors import FieldError

Json = Any
PREFIX = "arg."


def fields_of(
    spec: ToolSpec, *, given: Mapping[str, str], errors: Sequence[FieldError] = ()
) -> list[dict[str, Any]]:
    """Return the inputs a tool needs, required ones first, with what was typed and was wrong.

    Args:
        spec: The tool.
        given: Argument name to the text in its input.
        errors: Findings of the service, by path such as ``arguments.order_id``.
    """
    required = tuple(spec.arguments.get("required", ()))
    schemas = spec.arguments.get("properties", {})
    names = dict.fromkeys([*(name for name in required if name in schemas), *schemas])
    return [
        {
            "name": f"{PREFIX}{name}",
            "id": f"arg-{name}",
            "title": words.plain(name).capitalize(),
            "help": _help(schemas[name]),
            "required": name in required,
            "choices": [str(choice) for choice in schemas[name].get("enum", ())],
            "long": schemas[name].get("type") in {"array", "object"},
            "number": schemas[name].get("type") in {"integer", "number"},
            "value": given.get(name, ""),
            "error": _error(errors, name),
        }
        for name in names
    ]


def typed_of(spec: ToolSpec, form: QueryDict) -> dict[str, str]:
    """Return what was typed into the inputs of a tool, by argument name."""
    return {
        name: form.get(f"{PREFIX}{name}", "").strip()
        for name in spec.arguments.get("properties", {})
    }


def typed_from(arguments: Json) -> dict[str, str]:
    """Return the arguments of an earlier call as a person would type them."""
    if not isinstance(arguments, Mapping):
        return {}
    return {name: _as_text(value) for name, value in arguments.items()}


def arguments_of(spec: ToolSpec, typed: Mapping[str, str]) -> dict[str, Json]:
    """Return the arguments that a form means; an input left empty is no argument.

    What does not read as its type is passed on as text, so that the tool's own check names
    the field.
    """
    schemas = spec.arguments.get("properties", {})
    return {name: _read(schemas[name], text) for name, text in typed.items() if text}


def _help(schema: Mapping[str, Json]) -> str:
    text = str(schema.get("description", ""))
    if schema.get("type") == "array":
        return f"{text} {_('One a line.')}".strip()
    return text


def _error(errors: Sequence[FieldError], name: str) -> str:
    path = f"arguments.{name}"
    found = [
        error.message
        for error in errors
        if error.field == path or error.field.startswith((f"{path}.", f"{path}["))
    ]
    return "; ".join(found)


def _as_text(value: Json) -> str:
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return "\n".join(str(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _read(schema: Mapping[str, Json], text: str) -> Json:
    kind = schema.get("type")
    if kind == "array":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "string":
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
