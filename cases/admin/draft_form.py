"""What a person decides of an imported tool, out of its document and back into it.

A field whose text is as it was shown leaves its part of the document alone, so that what the
form cannot say, such as a fact read off an order, is never lost by saving.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.tools import sentences as say
from cases.tools.models import ToolDefinition
from cases.tools.types import Effect
from governance.policies.types import RiskLevel
from orchestra.core import words

Json = Any
Document = Mapping[str, Json]

EXPECTED: Final = 3
HOUR: Final = 60
EFFECTS: Final = (
    (str(Effect.READ), gettext_lazy("It only reads")),
    (str(Effect.WRITE), gettext_lazy("It changes something")),
)
RISKS: Final = (
    (str(RiskLevel.LOW), gettext_lazy("Low: no harm beyond a wasted call")),
    (str(RiskLevel.MEDIUM), gettext_lazy("Medium: touches personal data, easily put right")),
    (str(RiskLevel.HIGH), gettext_lazy("High: money or a commitment to the customer")),
    (str(RiskLevel.CRITICAL), gettext_lazy("Critical: cannot be undone")),
)
_TEXTS: Final = ("title", "description", "effect", "risk", "reversed_by")
_NUMBERS: Final = ("max_attempts", "timeout_seconds")
_FLAGS: Final = ("honours_idempotency_key", "lookup")
_USUAL: Final = {"max_attempts": 5, "timeout_seconds": 10.0}
_PER: Final = ("agent", "customer")
#: Digits with a leading zero are a name, such as a code, and no number.
_NUMBER: Final = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,6})?")


def arguments_of_document(document: Document) -> dict[str, Json]:
    """Return the arguments that a draft declares, by name, with their schemas."""
    schema = document.get("arguments")
    found = schema.get("properties") if isinstance(schema, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def fields_of(
    document: Document, *, reading: Mapping[str, ToolDefinition], typed: QueryDict | None = None
) -> dict[str, Any]:
    """Return what stands in each field: what was typed, else what the draft declares.

    Args:
        document: The draft.
        reading: Tools in force that only read, by name.
        typed: What was sent; None for nothing.
    """
    found: dict[str, Any] = _shown(document, reading)
    if typed is None:
        return found
    for name in found:
        if name in _FLAGS or name.startswith("sensitive."):
            found[name] = bool(typed.get(name))
        else:
            found[name] = typed.get(name, "")
    return found


def argument_rows(document: Document, fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each argument in words, with its fields: whether it is sensitive, its fact."""
    schema = document.get("arguments") or {}
    required = schema.get("required", ()) if isinstance(schema, Mapping) else ()
    return [
        {
            "name": name,
            "words": words.plain(name),
            "what": say.schema_words(part),
            "required": name in required,
            "sensitive": fields[f"sensitive.{name}"],
            "fact": fields[f"fact.{name}"],
        }
        for name, part in arguments_of_document(document).items()
    ]


def asked_rows(
    document: Document, fields: Mapping[str, Any], reading: Mapping[str, ToolDefinition]
) -> list[dict[str, Any]]:
    """Return the arguments of the chosen check, each with what fills it."""
    own = list(arguments_of_document(document))
    return [
        {
            "name": f"ask.{name}",
            "words": words.plain(name),
            "value": fields.get(f"ask.{name}", ""),
            "choices": own,
        }
        for name in _asked_names(fields["confirm_tool"], reading)
    ]


def expected_rows(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the places of the check's answer and what must stand there, with empty ones."""
    return [
        {"n": n, "place": fields[f"place.{n}"], "value": fields[f"value.{n}"]}
        for n in range(1, EXPECTED + 1)
    ]


def document_of(
    document: Document, posted: QueryDict, *, reading: Mapping[str, ToolDefinition]
) -> dict[str, Json]:
    """Return the draft with what was filled in; whatever is wrong with it is found later.

    Args:
        document: The draft as it stands.
        posted: The form.
        reading: Tools in force that only read, by name.
    """
    made = dict(document)
    shown = _shown(document, reading)
    _put_plain(made, posted, shown)
    _put_sensitive(made, posted)
    _put_facts(made, posted, shown)
    _put_limits(made, posted, shown)
    _put_confirm(made, posted, shown, reading)
    return made


def _shown(document: Document, reading: Mapping[str, ToolDefinition]) -> dict[str, Any]:
    own = arguments_of_document(document)
    sensitive = _list(document.get("sensitive"))
    found: dict[str, Any] = {name: str(document.get(name, "")) for name in _TEXTS}
    found |= {name: f"{document.get(name, _USUAL[name])}".removesuffix(".0") for name in _NUMBERS}
    found |= {name: document.get(name) is True for name in _FLAGS}
    found |= {f"sensitive.{name}": f"$.{name}" in sensitive for name in own}
    found |= {f"fact.{name}": words.plain(_fact_of(document, name)) for name in own}
    found |= {f"limit.{per}": _limit_text(document, per) for per in _PER}
    return found | _shown_confirm(document, reading)


def _shown_confirm(document: Document, reading: Mapping[str, ToolDefinition]) -> dict[str, str]:
    declared = document.get("confirm")
    confirm = declared if isinstance(declared, Mapping) else {}
    tool = str(confirm.get("tool", ""))
    found = {"confirm_tool": tool}
    arguments = confirm.get("arguments")
    given = arguments if isinstance(arguments, Mapping) else {}
    for name in _asked_names(tool, reading):
        found[f"ask.{name}"] = _said(given.get(name, ""))
    expect = confirm.get("expect")
    pairs = list(expect.items()) if isinstance(expect, Mapping) else []
    for n in range(1, EXPECTED + 1):
        place, value = pairs[n - 1] if n <= len(pairs) else ("", "")
        found |= {f"place.{n}": str(place).removeprefix("$."), f"value.{n}": _value_text(value)}
    return found


def _put_plain(made: dict[str, Json], posted: QueryDict, shown: Mapping[str, Any]) -> None:
    for name in (*_TEXTS, *_NUMBERS):
        text = posted.get(name, "").strip()
        if text == shown[name]:
            continue
        if not text and name in made:
            del made[name]
        elif text:
            made[name] = _number(text) if name in _NUMBERS else text
    for name in _FLAGS:
        if bool(posted.get(name)) != shown[name]:
            made[name] = not shown[name]


def _put_sensitive(made: dict[str, Json], posted: QueryDict) -> None:
    own = arguments_of_document(made)
    others = [path for path in _list(made.get("sensitive")) if str(path)[2:] not in own]
    ticked = [f"$.{name}" for name in own if posted.get(f"sensitive.{name}")]
    _put(made, "sensitive", [*others, *ticked], same_order=False)


def _put_facts(made: dict[str, Json], posted: QueryDict, shown: Mapping[str, Any]) -> None:
    facts = dict(made["facts"]) if isinstance(made.get("facts"), Mapping) else {}
    for name in arguments_of_document(made):
        text = posted.get(f"fact.{name}", "").strip()
        if text == shown[f"fact.{name}"]:
            continue
        facts.pop(_fact_of(made, name), None)
        if text:
            facts[re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or text] = f"$.{name}"
    _put(made, "facts", facts)


def _put_limits(made: dict[str, Json], posted: QueryDict, shown: Mapping[str, Any]) -> None:
    limits = list(_list(made.get("limits")))
    for per in _PER:
        text = posted.get(f"limit.{per}", "").strip()
        if text == shown[f"limit.{per}"]:
            continue
        limits = [one for one in limits if not _is_hourly(one, per)]
        if text:
            limits.append({"calls": _number(text), "per": per, "window_minutes": HOUR})
    _put(made, "limits", limits)


def _put_confirm(
    made: dict[str, Json],
    posted: QueryDict,
    shown: Mapping[str, Any],
    reading: Mapping[str, ToolDefinition],
) -> None:
    tool = posted.get("confirm_tool", "")
    if not tool:
        made.pop("confirm", None)
        return
    present = dict(made["confirm"]) if isinstance(made.get("confirm"), Mapping) else {}
    is_same = present.get("tool") == tool
    kept = present.get("arguments") if is_same else None
    arguments = dict(kept) if isinstance(kept, Mapping) else {}
    own = arguments_of_document(made)
    for name in _asked_names(tool, reading):
        text = posted.get(f"ask.{name}", "") if is_same else (name if name in own else "")
        if is_same and text == shown.get(f"ask.{name}"):
            continue
        arguments.pop(name, None)
        if text:
            arguments[name] = f"$.{text}"
    expect = _expected(present.get("expect"), posted, shown)
    if not is_same or (arguments, expect) != (present.get("arguments", {}), present.get("expect")):
        given = {"arguments": arguments} if arguments or not is_same else {}
        made["confirm"] = {**present, "tool": tool, **given, "expect": expect}


def _expected(present: Json, posted: QueryDict, shown: Mapping[str, Any]) -> dict[str, Json]:
    pairs = list(present.items()) if isinstance(present, Mapping) else []
    found: dict[str, Json] = {}
    for n in range(1, EXPECTED + 1):
        place, text = (posted.get(f"{part}.{n}", "").strip() for part in ("place", "value"))
        if not place:
            continue
        is_kept = n <= len(pairs) and text == shown[f"value.{n}"]
        path = place if place.startswith("$") else f"$.{place}"
        found[path] = pairs[n - 1][1] if is_kept else _value_of(text)
    return found | dict(pairs[EXPECTED:])


def _put(made: dict[str, Json], name: str, value: Json, *, same_order: bool = True) -> None:
    """Put a part into a draft; an empty one is not declared, and the same is left alone."""
    present = made.get(name)
    if not value:
        made.pop(name, None)
    elif same_order or not isinstance(present, list) or set(present) != set(value):
        made[name] = value


def _asked_names(tool: str, reading: Mapping[str, ToolDefinition]) -> Sequence[str]:
    found = reading.get(tool)
    return list(arguments_of_document(found.document)) if found is not None else ()


def _fact_of(document: Document, argument: str) -> str:
    facts = document.get("facts")
    for name, source in facts.items() if isinstance(facts, Mapping) else ():
        if source == f"$.{argument}":
            return str(name)
    return ""


def _is_hourly(limit: Json, per: str) -> bool:
    return (
        isinstance(limit, Mapping)
        and limit.get("per") == per
        and limit.get("window_minutes") == HOUR
    )


def _limit_text(document: Document, per: str) -> str:
    found = [one for one in _list(document.get("limits")) if _is_hourly(one, per)]
    return str(found[0].get("calls", "")) if found else ""


def _list(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list) else []


def _said(source: Json) -> str:
    return str(source).removeprefix("$.") if isinstance(source, str) else ""


def _value_text(value: Json) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(_value_text(item) for item in value)
    return str(value)


def _value_of(text: str) -> Json:
    """Return the value that a text means: a yes or no, a number, one of several, or itself."""
    if ";" in text:
        return [_value_of(part.strip()) for part in text.split(";") if part.strip()]
    plain = {_("yes"): True, _("no"): False, "yes": True, "no": False}
    return plain[text.lower()] if text.lower() in plain else _number(text)


def _number(text: str) -> Json:
    """Return a number as it was typed; what is none stays text, and is refused if it must be."""
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
