"""A decision table as an editor shows it: one card a row, typed inputs, the reading, the findings.

``describe_editor`` and ``table_forms.read_editor`` are the two halves; neither knows of a
request, so that any page can hold the editor: the scratch copy of a policy, a change request.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin import table_inputs as inputs
from governance.admin.table_acts import GROUPS, MAX_OPEN, Document
from governance.admin.table_conditions import boxes, options
from governance.admin.table_facts import describe_facts
from governance.admin.table_findings import (
    IMPORTED,
    Found,
    by_row,
    count_blocking,
    place_all,
)
from governance.admin.table_forms import names_of
from governance.admin.table_models import MODELS
from governance.admin.table_reading import currency_in
from governance.admin.table_rows import Table, arrange, describe_group
from governance.policies import sentences as say
from governance.policies.catalogue import Catalogue
from governance.policies.checking.findings import Finding
from governance.policies.registry import present_catalogue
from governance.policies.types import Outcome
from orchestra.core import words
from orchestra.core.errors import FieldError

Json = Any
Context = dict[str, Any]

#: How many links to findings stand on top; all stand on their rows.
MAX_LINKS: Final = 50


def describe_editor(
    document: Document,
    findings: Sequence[FieldError | Finding],
    *,
    opened: Collection[str] = (),
    against: Document | None = None,
    number: int = 0,
    catalogue: Catalogue | None = None,
) -> Context:
    """Return what the template ``governance/table_editor.html`` places.

    Args:
        document: The document as ``read_editor`` returned it, or as it is stored.
        findings: Every error by its path, such as ``rules[3].when[0].above``, and what checks
            say of the rows together.
        opened: Rows that stand open, such as ``rules.3``; rows with findings that block open
            as well, as far as a form can hold them.
        against: The document it is compared with, for what is new, changed and taken away.
        number: Number of the version that the other document is.
        catalogue: Facts and tools that may be named; the registered ones where left out.
    """
    known = catalogue or present_catalogue()
    found = place_all(findings, currency_in(document, {}))
    rows = by_row(found)
    blocked = [ref for ref, those in rows.items() if ref and count_blocking(those)]
    shown = frozenset(list(dict.fromkeys([*opened, *blocked]))[:MAX_OPEN])
    table = Table(document, against, rows, shown, known)
    described = {group: describe_group(table, group) for group in GROUPS}
    return {
        "base": json.dumps(document, ensure_ascii=False, separators=(",", ":")),
        "head": _head(document, rows.get("", []), known),
        "head_differences": head_differences(document, against),
        **described,
        "items": {group: arrange(table, group, described[group]) for group in GROUPS},
        "against_number": number,
        "models": [{"name": name, "words": model.words} for name, model in MODELS.items()],
        "import_errors": [
            each.message
            for each in findings
            if isinstance(each, FieldError) and each.field == IMPORTED
        ],
        "outcomes": options([each.value for each in Outcome]),
        "facts": describe_facts(facts=known.facts),
        "max_open": MAX_OPEN,
        **_summary(found),
    }


def describe_reading(
    document: Document,
    findings: Sequence[FieldError | Finding],
    *,
    opened: Collection[str] = (),
    against: Document | None = None,
    number: int = 0,
) -> Context:
    """Return how the open rows read and what is found, for a page that asks again."""
    found = place_all(findings, currency_in(document, {}))
    table = Table(document, against, by_row(found), frozenset(), Catalogue())
    editor = {"against_number": number}
    rows = {
        row["ref"]: {
            "sentence": row["sentence"],
            "targets": [each.target for each in row["findings"]],
            "blocks": row["blocks"],
            "reading": _rendered("reading", {"row": row, "editor": editor}),
            "findings": _rendered("findings", {"row": row, "editor": editor}),
        }
        for group in GROUPS
        if any(ref.startswith(f"{group}.") for ref in opened)
        for row in describe_group(table, group)
        if row["ref"] in opened
    }
    summary = _summary(found)
    return {
        "rows": rows,
        "count": summary["finding_count"],
        "blocking": summary["blocking"],
        "why_not": summary["why_not"],
        "summary": _rendered("summary", {"editor": summary}),
    }


def describe_sentences(
    document: Document,
    findings: Sequence[FieldError | Finding],
    *,
    against: Document | None = None,
    number: int = 0,
) -> Context:
    """Return a table as sentences with its marks and findings, for who may not edit it."""
    found = place_all(findings, currency_in(document, {}))
    table = Table(document, against, by_row(found), frozenset(), Catalogue())
    headings = {
        "rules": _("Rows"),
        "limits": _("Limits over time"),
        "invariants": _("What every version must keep"),
    }
    groups = [
        (heading, arrange(table, group, describe_group(table, group), folds=False))
        for group, heading in headings.items()
    ]
    return {
        "read_groups": [(heading, items) for heading, items in groups if items],
        "head_differences": head_differences(document, against),
        "against_number": number,
        **_summary(found),
    }


def list_differences(document: Document, against: Document) -> list[Context]:
    """Return the rows in which two texts differ, and those that only the other one has."""
    groups = describe_sentences(document, [], against=against)["read_groups"]
    found = [
        item
        for _heading, items in groups
        for item in items
        if item["kind"] == "gone" or item["row"]["mark"]
    ]
    return [*({"kind": "head", **each} for each in head_differences(document, against)), *found]


def head_differences(document: Document, against: Document | None) -> list[Context]:
    """Return what differs between two texts besides their rows: title, scope, thresholds."""
    if against is None:
        return []
    before, after = _head_words(against), _head_words(document)
    return [
        {"label": label, "before": before[label], "after": said}
        for label, said in after.items()
        if before[label] != said
    ]


def _head_words(document: Document) -> dict[str, str]:
    scope = document.get("scope")
    fields: Mapping[str, Json] = scope if isinstance(scope, dict) else {}
    thresholds = document.get("thresholds")
    amounts = thresholds if isinstance(thresholds, dict) else {}
    return {
        _("Title"): str(document.get("title", "")),
        _("Tools"): say.describe_scope(names_of(fields.get("tools"))),
        _("Queues"): say.describe_scope(names_of(fields.get("queues"))),
        _("Cue sheets"): say.describe_scope(names_of(fields.get("cue_sheets"))),
        _("Amounts that need no vote"): ", ".join(
            words.money(minor=value, currency=str(currency))
            if isinstance(value, int)
            else f"{currency} {value}"
            for currency, value in amounts.items()
        )
        or _("none"),
    }


def _rendered(part: str, context: Context) -> str:
    return render_to_string(f"governance/table_{part}.html", context)


def _summary(found: Sequence[Found]) -> Context:
    blocking = count_blocking(found)
    ordered = [one for one in found if one.blocks] + [one for one in found if not one.blocks]
    return {
        "finding_count": len(found),
        "blocking": blocking,
        "headline": _headline(found, blocking),
        "links": ordered[:MAX_LINKS],
        "unlisted": max(0, len(ordered) - MAX_LINKS),
        "why_not": _why_not(blocking),
    }


def _headline(found: Sequence[Found], blocking: int) -> str:
    if blocking:
        return ngettext(
            "%(count)d finding keeps this from going to review",
            "%(count)d findings keep this from going to review",
            blocking,
        ) % {"count": blocking}
    return ngettext(
        "%(count)d warning; it may go to review as it stands",
        "%(count)d warnings; it may go to review as it stands",
        len(found),
    ) % {"count": len(found)}


def _why_not(blocking: int) -> str:
    if not blocking:
        return ""
    return ngettext(
        "%(count)d finding needs attention first.",
        "%(count)d findings need attention first.",
        blocking,
    ) % {"count": blocking}


def _head(document: Document, found: Sequence[Found], known: Catalogue) -> Context:
    scope = document.get("scope")
    fields: Mapping[str, Json] = scope if isinstance(scope, dict) else {}
    thresholds = document.get("thresholds")
    amounts = thresholds if isinstance(thresholds, dict) else {}
    errors = {each.path: each.message for each in reversed(found)}
    lines = [
        {
            "prefix": f"thresholds.{index}.",
            "currency": currency.strip(),
            "amount": inputs.typed_money(value, currency.strip())[0],
            "error": errors.get(f"thresholds.{currency}", "") if currency else "",
        }
        for index, (currency, value) in enumerate([*amounts.items(), ("", "")])
    ]
    tools = names_of(fields.get("tools"))
    placed = {"title", *(f"thresholds.{currency}" for currency in amounts)}
    return {
        "title": str(document.get("title", "")),
        "tools": boxes(sorted(known.tools or ()), tools),
        "tools_text": None if known.tools is not None else "\n".join(tools),
        "tools_words": say.describe_scope(tools),
        "queues": "\n".join(names_of(fields.get("queues"))),
        "cue_sheets": "\n".join(names_of(fields.get("cue_sheets"))),
        "thresholds": lines,
        "title_error": errors.get("title", ""),
        "findings": [each for each in found if each.path not in placed],
        "beyond": _beyond(document),
    }


def _beyond(document: Document) -> list[str]:
    """Return the names of what the text holds and no input shows."""
    shown = {"key", "title", "scope", "thresholds", *GROUPS}
    return sorted(str(name) for name in set(document) - shown)
