"""What a tool declares, said in words; every part of a document has some, so that none hides."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.tools import paths
from cases.tools.types import CallLimit, Effect, MoneyPath, Read, ToolSpec
from orchestra.core import words

Json = Any

_TYPES = {
    "string": gettext_lazy("text"),
    "integer": gettext_lazy("whole number"),
    "number": gettext_lazy("number"),
    "boolean": gettext_lazy("yes or no"),
    "object": gettext_lazy("group of values"),
    "array": gettext_lazy("list"),
    "null": gettext_lazy("nothing"),
}
#: Keys of a schema with a number, and how each reads.
_COUNTS = {
    "minLength": gettext_lazy("at least %(value)s characters"),
    "maxLength": gettext_lazy("at most %(value)s characters"),
    "minimum": gettext_lazy("at least %(value)s"),
    "maximum": gettext_lazy("at most %(value)s"),
    "exclusiveMinimum": gettext_lazy("above %(value)s"),
    "exclusiveMaximum": gettext_lazy("below %(value)s"),
    "multipleOf": gettext_lazy("in steps of %(value)s"),
    "minItems": gettext_lazy("at least %(value)s of them"),
    "maxItems": gettext_lazy("at most %(value)s of them"),
    "pattern": gettext_lazy("written like %(value)s"),
    "format": gettext_lazy("a %(value)s"),
    "const": gettext_lazy("only %(value)s"),
    "default": gettext_lazy("%(value)s where it is left out"),
}
_SAID_APART = frozenset({"type", "description", "enum", "items", "properties", "required"})
#: Keys of the whole schema that are said argument by argument.
_OF_ARGUMENTS = frozenset({"type", "properties", "required"})


def type_words(schema: Json) -> str:
    """Return what kind of value a schema asks for."""
    kind = schema.get("type", "") if isinstance(schema, Mapping) else ""
    if isinstance(kind, list):
        return _(" or ").join(str(_TYPES.get(str(one), one)) for one in kind)
    items = schema.get("items") if isinstance(schema, Mapping) else None
    if kind == "array" and isinstance(items, Mapping):
        return _("list of %(items)s") % {"items": type_words(items) or _("values")}
    return str(_TYPES.get(str(kind), kind))


def argument_words(spec: ToolSpec) -> dict[str, str]:
    """Return each argument of a tool in words, by name."""
    schema = spec.arguments
    required = set(schema.get("required", ()))
    properties = schema.get("properties", {})
    found = {}
    for name in [*properties, *sorted(required - set(properties))]:
        parts = [schema_words(properties.get(name, {}))]
        parts.append(_("required") if name in required else _("optional"))
        found[str(name)] = ", ".join(part for part in parts if part)
    return found


def other_rules(spec: ToolSpec) -> str:
    """Return what a tool asks of its arguments besides each one by itself."""
    rest = {key: item for key, item in spec.arguments.items() if key not in _OF_ARGUMENTS}
    return ", ".join(_rule_words(rest))


def schema_words(schema: Json) -> str:
    """Return all that a schema asks of a value, in words."""
    if not isinstance(schema, Mapping):
        return _("anything") if schema is True else _("nothing at all")
    parts = [type_words(schema) or _("anything")]
    if "enum" in schema:
        parts.append(_("one of %(values)s") % {"values": ", ".join(map(_value, schema["enum"]))})
    parts += _rule_words({key: schema[key] for key in schema if key not in _SAID_APART})
    parts += _part_words(schema)
    said = ", ".join(parts)
    return f"{said} ({schema['description']})" if schema.get("description") else said


def _rule_words(rules: Mapping[str, Json]) -> Iterator[str]:
    for key, value in sorted(rules.items()):
        if key in _COUNTS:
            yield str(_COUNTS[key]) % {"value": _value(value)}
        elif key in ("additionalProperties", "unevaluatedProperties") and value is False:
            yield _("anything else is refused")
        else:
            yield f"{words.plain(key)}: {_value(value)}"


def _part_words(schema: Mapping[str, Json]) -> Iterator[str]:
    items, properties = schema.get("items"), schema.get("properties")
    if items is not None:
        yield _("each: %(what)s") % {"what": schema_words(items)}
    if isinstance(properties, Mapping):
        for name, part in properties.items():
            yield _("with %(name)s: %(what)s") % {"name": name, "what": schema_words(part)}
    required = schema.get("required")
    if required:
        yield _("needs %(names)s") % {"names": ", ".join(map(str, required))}


def _value(value: Json) -> str:
    """Return a value as text; what is text itself stands in quotes, so that 1 is not “1”."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value is None:
        return _("nothing")
    if isinstance(value, str):
        return f"“{value}”"
    if isinstance(value, Mapping):
        return "{" + "; ".join(f"{key}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return str(value)


def _spaced(name: str) -> str:
    # Dots stay: a.b_c is not a.b.c.
    return name.replace("_", " ")


def source_words(source: Json) -> str:
    """Return where a fact comes from."""
    if isinstance(source, Mapping):
        return _("computed by %(name)s") % {"name": _spaced(str(source.get("function", "")))}
    return path_words(str(source))


def path_words(path: str) -> str:
    """Return what a path leads to."""
    root, _dot, rest = path.removeprefix("$").partition(".")
    if not root:
        return _("as proposed: %(path)s") % {"path": _spaced(rest) or _("all of it")}
    if root == paths.EACH:
        return _("of each: %(path)s") % {"path": _spaced(rest)} if rest else _("each of them")
    where = {"root": words.plain(root), "path": _spaced(rest) or _("all of it")}
    return _("read from the %(root)s: %(path)s") % where


def read_words(read: Read) -> str:
    """Return what a tool reads before it is decided on."""
    said = _("through %(tool)s") % {"tool": read.tool}
    if read.arguments:
        said += " " + _("with %(what)s") % {"what": _given(read.arguments)}
    if read.for_each:
        over = (
            path_words(read.for_each)
            if paths.is_path(read.for_each)
            else _("computed by %(name)s") % {"name": _spaced(read.for_each)}
        )
        said += ", " + _("once for each: %(what)s") % {"what": over}
    return said


def _given(arguments: Mapping[str, Json]) -> str:
    return ", ".join(
        f"{name} = {path_words(item) if paths.is_path(item) else _value(item)}"
        for name, item in arguments.items()
    )


def undo_words(spec: ToolSpec) -> str:
    """Return which tool takes a call back, and with what; empty for none."""
    if not spec.reversed_with:
        return spec.reversed_by
    told = {"tool": spec.reversed_by, "what": _given(spec.reversed_with)}
    return _("%(tool)s with %(what)s") % told


def money_words(money: MoneyPath) -> str:
    """Return where an amount stands and how it is counted."""
    unit = _("whole units") if money.unit == "major" else _("the smallest unit")
    currency = path_words(money.currency) if paths.is_path(money.currency) else money.currency
    return _("%(path)s, in %(unit)s of %(currency)s") % {
        "path": path_words(money.path),
        "unit": unit,
        "currency": currency,
    }


def effect_words(effect: str) -> str:
    """Return whether a tool changes something."""
    return _("changes something") if effect == Effect.WRITE else _("reads only")


def confirm_words(spec: ToolSpec) -> str:
    """Return how the effect of a tool is seen afterwards; empty where it is not looked at."""
    declared = spec.confirm
    if declared is None:
        return ""
    shown = ", ".join(
        f"{path.removeprefix('$').lstrip('.') or _('the answer')} = {_value(item)}"
        for path, item in declared["expect"].items()
    )
    said = _("%(tool)s shows %(what)s") % {"tool": declared["tool"], "what": shown}
    given = _given(declared["arguments"])
    return f"{said} ({given})" if given else said


def verifies_words(spec: ToolSpec) -> str:
    """Return what a success says about the customer; empty for nothing."""
    declared = spec.verifies
    if declared is None:
        return ""
    return _("to the level %(level)s, by %(method)s, customer %(path)s") % {
        "level": declared["level"],
        "method": words.plain(str(declared["method"])),
        "path": _value(declared["customer"]),
    }


def hand_over_words(spec: ToolSpec) -> str:
    """Return to whom a success hands the case; empty where it does not."""
    declared = spec.hands_off
    if declared is None:
        return ""
    queue = words.plain(str(declared.get("queue") or "")) or _("the case's own queue")
    role = words.plain(str(declared.get("role") or ""))
    return _("%(queue)s, because of %(reason)s") % {
        "queue": f"{queue} ({role})" if role else queue,
        "reason": words.plain(str(declared["reason_code"])),
    }


def trying_words(spec: ToolSpec) -> str:
    """Return how long a call is waited for, and how often it is tried."""
    return _("%(seconds)s s a try, at most %(count)d tries") % {
        "seconds": f"{spec.timeout_seconds:g}",
        "count": spec.max_attempts,
    }


def operation_words(spec: ToolSpec) -> str:
    """Return how the system of record is called."""
    operation = dict(spec.operation)
    call = " ".join(str(operation.pop(key)) for key in ("method", "path") if key in operation)
    return ", ".join(part for part in (call, _given(operation)) if part)


def limit_words(limit: CallLimit) -> str:
    """Return how often a tool may be called."""
    values = {"count": limit.calls, "minutes": limit.window_minutes}
    if limit.per == "customer":
        return _("at most %(count)d calls in %(minutes)d minutes for each customer") % values
    return _("at most %(count)d calls in %(minutes)d minutes for each AI agent") % values


def upstream_words(spec: ToolSpec) -> dict[str, str]:
    """Return where a tool was imported from and what stands there; nothing relies on it."""
    declared = spec.upstream
    if declared is None:
        return {}
    return {
        _("Imported from"): f"{declared['source']}: {declared['name']} ({declared['digest']})",
        _("What the upstream says of itself (not relied on)"): _given(declared.get("says", {})),
    }
