"""A decision table as an editor shows it: one card a row, typed inputs, the reading, the errors.

``describe_editor`` and ``table_forms.read_editor`` are the two halves; neither knows of a
request, so that any page can hold the editor: the scratch copy of a policy, a change request.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin import table_inputs as inputs
from governance.admin.table_acts import (
    GROUPS,
    MAX_OPEN,
    NAMING,
    Document,
    rows_of,
)
from governance.admin.table_conditions import boxes, describe_conditions, options
from governance.admin.table_forms import (
    DEADLINE_UNITS,
    IMPORTED,
    WINDOW_UNITS,
    currency_in,
    names_of,
)
from governance.admin.table_reading import row_sentence
from governance.policies import sentences as say
from governance.policies.catalogue import Catalogue, FactSpec, FactType, known_facts
from governance.policies.parsing import MEASURES, PER
from governance.policies.parsing_rows import LEVELS, ROLES
from governance.policies.registry import present_catalogue
from governance.policies.soundness import MAX_ROWS, MONEY_SUFFIX
from governance.policies.types import Outcome
from orchestra.core import words
from orchestra.core.errors import FieldError

Json = Any
Context = dict[str, Any]

#: Obligations are asked for where they can be, and where something stands in them.
_ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "votes": ("approve",),
    "roles": ("approve",),
    "distinct_roles": ("approve",),
    "step_up": ("approve",),
    "verification": ("verify",),
    "deadline_minutes": ("verify", "approve", "specialist"),
}
_ROW = re.compile(r"(rules|limits)\[(\d+)\]\.?(.*)", re.DOTALL)
_CONDITION = re.compile(r"when\[(\d+)\]")
#: How many error links stand on top; all stand on their rows.
MAX_LINKS: Final = 50


def describe_editor(
    document: Document,
    errors: Sequence[FieldError],
    *,
    opened: Collection[str] = (),
    against: Document | None = None,
    catalogue: Catalogue | None = None,
) -> Context:
    """Return what the template ``governance/table_editor.html`` places.

    Args:
        document: The document as ``read_editor`` returned it, or as it is stored.
        errors: Every finding by its path, such as ``rules[3].when[0].above``; checks of other
            rooms may be among them.
        opened: Rows that stand open, such as ``rules.3``; rows with errors open as well, as
            far as a form can hold them.
        against: The document it is compared with, for the marks *new* and *changed*.
        catalogue: Facts and tools that may be named; the registered ones where left out.
    """
    known = catalogue or present_catalogue()
    by_row, rest = _by_row(errors)
    wanted = list(dict.fromkeys([*opened, *(ref for ref in by_row if ref)]))
    shown = frozenset(wanted[:MAX_OPEN])
    former = _former(against)
    rows = {
        group: [
            _row(document, group, index, row, by_row, shown, former, known)
            for index, row in enumerate(rows_of(document, group)[: MAX_ROWS + 1])
        ]
        for group in GROUPS
    }
    return {
        "base": json.dumps(document, ensure_ascii=False, separators=(",", ":")),
        "head": _head(document, rest, known),
        "rules": rows["rules"],
        "limits": rows["limits"],
        "error_count": len(errors),
        "error_words": _count_words(len(errors)),
        "error_links": _links(errors)[:MAX_LINKS],
        "import_errors": [each.message for each in errors if each.field == IMPORTED],
        "outcomes": options([each.value for each in Outcome]),
        "facts": describe_facts(facts=known.facts),
        "max_open": MAX_OPEN,
    }


def describe_reading(
    document: Document, errors: Sequence[FieldError], *, opened: Collection[str] = ()
) -> Context:
    """Return the sentences of the open rows and all errors, for a page that asks again."""
    by_row, _rest = _by_row(errors)
    sentences = {}
    for group in GROUPS:
        for index, row in enumerate(rows_of(document, group)):
            ref = f"{group}.{index}"
            if ref in opened:
                sentences[ref] = row_sentence(document, group, row, broken=bool(by_row.get(ref)))
    return {
        "rows": {
            ref: {
                "sentence": sentence,
                "errors": [
                    {"target": _target(ref, rest), "message": message}
                    for rest, message in by_row.get(ref, [])
                ],
            }
            for ref, sentence in sentences.items()
        },
        "count": len(errors),
        "words": _count_words(len(errors)),
        "links": _links(errors)[:MAX_LINKS],
    }


def _count_words(count: int) -> str:
    said = ngettext("%(count)d finding", "%(count)d findings", count) % {"count": count}
    return _("%(findings)s; the text in force stays as it is.") % {"findings": said}


def describe_facts(
    *, search: str = "", facts: Mapping[str, FactSpec] | None = None
) -> list[Context]:
    """Return every fact that a table may name, from its one definition.

    Args:
        search: Words that must all stand in its name, meaning, source or choices.
        facts: The facts by name; the registered ones where left out.
    """
    wanted = search.lower().split()
    found = []
    for name, spec in sorted((known_facts() if facts is None else facts).items()):
        shown = {
            "name": name,
            "words": words.plain(name.removesuffix("_minor")),
            "type": _type_words(spec),
            "unit": spec.unit,
            "meaning": _(spec.meaning),
            "choices": [words.plain(each) for each in spec.choices],
            "source": _(spec.source) if spec.source else _("not said"),
            "example": spec.example,
        }
        text = " ".join(map(str, shown.values())).lower()
        if all(word in text for word in wanted):
            found.append(shown)
    return found


def _type_words(spec: FactSpec) -> str:
    if spec.name.endswith(MONEY_SUFFIX):
        return _("amount of money")
    return {
        FactType.TEXT: _("one of several words") if spec.choices else _("text"),
        FactType.WHOLE: _("whole number"),
        FactType.NUMBER: _("number"),
        FactType.FLAG: _("yes or no"),
        FactType.LIST: _("list of words"),
    }[spec.type]


Errors = dict[str, list[tuple[str, str]]]


def _by_row(errors: Sequence[FieldError]) -> tuple[Errors, dict[str, str]]:
    """Return errors by row as (rest of the path, message), and those of no row by path."""
    rows: Errors = {}
    rest: dict[str, str] = {}
    for error in errors:
        found = _ROW.fullmatch(error.field)
        if found:
            rows.setdefault(f"{found[1]}.{found[2]}", []).append((found[3], error.message))
        elif error.field != IMPORTED:
            rest.setdefault(error.field, error.message)
    return rows, rest


def _links(errors: Sequence[FieldError]) -> list[Context]:
    links = []
    for error in errors:
        found = _ROW.fullmatch(error.field)
        ref = f"{found[1]}.{found[2]}" if found else ""
        target = _target(ref, found[3]) if found else error.field
        number = int(found[2]) + 1 if found else 0
        kind = _("Row") if found and found[1] == "rules" else _("Limit")
        where = f"{kind} {number}" if found else error.field
        links.append(
            {
                "target": target,
                "row": ref,
                "where": where,
                "message": error.message,
            }
        )
    return links


def _target(ref: str, rest: str) -> str:
    """Return the id of the input that an error of a row is about; the row's own otherwise."""
    condition = _CONDITION.match(rest)
    if condition:
        last = rest.rpartition(".")[2] if "." in rest else ""
        return f"{ref}.when.{condition[1]}.{'fact' if last in {'', 'fact'} else 'value'}"
    names = {"window_hours": "window", "obligations.deadline_minutes": "obligations.deadline"}
    name = names.get(rest, rest).partition("[")[0]
    return f"{ref}.{name}" if name and name not in {"when", "obligations"} else f"row-{ref}"


def _head(document: Document, errors: Mapping[str, str], known: Catalogue) -> Context:
    scope = document.get("scope")
    fields: Mapping[str, Json] = scope if isinstance(scope, dict) else {}
    thresholds = document.get("thresholds")
    amounts = thresholds if isinstance(thresholds, dict) else {}
    lines = [
        {
            "prefix": f"thresholds.{index}.",
            "currency": currency.strip(),
            "amount": inputs.typed_money(value, currency.strip())[0],
            "error": errors.get(f"thresholds.{currency}", ""),
        }
        for index, (currency, value) in enumerate([*amounts.items(), ("", "")])
    ]
    tools = names_of(fields.get("tools"))
    return {
        "title": str(document.get("title", "")),
        "tools": boxes(sorted(known.tools or ()), tools),
        "tools_text": None if known.tools is not None else "\n".join(tools),
        "tools_words": say.describe_scope(tools),
        "queues": "\n".join(names_of(fields.get("queues"))),
        "cue_sheets": "\n".join(names_of(fields.get("cue_sheets"))),
        "thresholds": lines,
        "errors": errors,
        "title_error": errors.get("title", ""),
        "rest": [
            message
            for path, message in errors.items()
            if path != "title" and not path.startswith("thresholds.")
        ],
    }


def _former(against: Document | None) -> dict[tuple[str, str], Json] | None:
    if against is None:
        return None
    return {
        (group, str(row.get(NAMING[group]))): row
        for group in GROUPS
        for row in rows_of(against, group)
    }


def _row(
    document: Document,
    group: str,
    index: int,
    row: dict[str, Json],
    by_row: Errors,
    shown: Collection[str],
    former: Mapping[tuple[str, str], Json] | None,
    known: Catalogue,
) -> Context:
    ref = f"{group}.{index}"
    errors = by_row.get(ref, [])
    name = str(row.get(NAMING[group], ""))
    mark = ""
    if former is not None:
        before = former.get((group, name))
        mark = "new" if before is None else ("changed" if before != row else "")
    context: Context = {
        "ref": ref,
        "group": group,
        "number": index + 1,
        "name": name,
        "naming": NAMING[group],
        "title": str(row.get("title", "")),
        "outcome": str(row.get("outcome", "")),
        "disabled": row.get("disabled") is True,
        "mark": mark,
        "sentence": row_sentence(document, group, row, broken=bool(errors)),
        "errors": [{"target": _target(ref, rest), "message": message} for rest, message in errors],
        "open": ref in shown,
    }
    if ref in shown:
        bad = frozenset(each["target"] for each in context["errors"])
        context |= _opened(row, ref, bad)
        context |= (
            {"conditions": describe_conditions(document, row, ref, bad, known)}
            if group == "rules"
            else {"limit": _limit(document, row)}
        )
    return context


def _opened(row: Mapping[str, Json], ref: str, bad: frozenset[str]) -> Context:
    outcome = str(row.get("outcome", ""))
    found = row.get("obligations")
    fields: Mapping[str, Json] = found if isinstance(found, dict) else {}
    deadline, unit = inputs.typed_length(fields.get("deadline_minutes"), "minutes", DEADLINE_UNITS)
    allowed = [each.value for each in Outcome]
    if ref.startswith("limits"):
        allowed.remove(Outcome.ALLOW.value)
    return {
        "prefix": f"{ref}.",
        "bad": bad,
        "reason": str(row.get("reason", "")),
        "outcomes": options(allowed, [outcome]),
        "asked": {
            name: outcome in outcomes or bool(fields.get(name)) for name, outcomes in _ASKED.items()
        },
        "votes": "" if fields.get("votes") is None else str(fields["votes"]),
        "roles": boxes(ROLES, names_of(fields.get("roles"))),
        "distinct_roles": bool(fields.get("distinct_roles")),
        "step_up": bool(fields.get("step_up")),
        "levels": options(LEVELS, [str(fields.get("verification") or "")]),
        "deadline": deadline,
        "deadline_units": options(DEADLINE_UNITS, [unit]),
    }


def _limit(document: Document, row: Mapping[str, Json]) -> Context:
    currency = str(row.get("currency") or "")
    is_money = row.get("measure") == "amount_minor"
    most = row.get("at_most", "")
    window, unit = inputs.typed_length(row.get("window_hours"), "hours", WINDOW_UNITS)
    return {
        "measures": [
            {**each, "words": _("amount") if each["value"] == "amount_minor" else _("calls")}
            for each in options(MEASURES, [str(row.get("measure") or "")])
        ],
        "is_money": is_money,
        "currency": currency or (currency_in(document, {}) if is_money else ""),
        "at_most": inputs.typed_money(most, currency)[0] if is_money else str(most),
        "per": options(PER, [str(row.get("per") or "")]),
        "window": window,
        "window_units": options(WINDOW_UNITS, [unit]),
    }
