"""The rows of a table as an editor shows them: cards, lines, runs of lines, and rows taken away."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.admin import table_inputs as inputs
from governance.admin.table_acts import GROUPS, NAMING, Document, rows_of
from governance.admin.table_conditions import boxes, describe_conditions, options
from governance.admin.table_diff import (
    moved_names,
    places_of_gone,
    runs_of_alike,
)
from governance.admin.table_findings import Found
from governance.admin.table_forms import DEADLINE_UNITS, WINDOW_UNITS, names_of
from governance.admin.table_reading import (
    currency_in,
    is_readable_limit,
    numbered,
    outcome_of,
    row_sentence,
)
from governance.policies.catalogue import Catalogue
from governance.policies.parsing import MEASURES, PER
from governance.policies.parsing_rows import LEVELS, ROLES
from governance.policies.soundness import MAX_ROWS
from governance.policies.types import Outcome
from governance.reviews.wording import changed_words, mark_words

Json = Any
Context = dict[str, Any]

#: Fewer rows without anything to see stand as they are.
LEAST_FOLDED: Final = 3
#: Obligations are asked for where they can be, and where something stands in them.
_ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "votes": ("approve",),
    "roles": ("approve",),
    "distinct_roles": ("approve",),
    "step_up": ("approve",),
    "verification": ("verify",),
    "deadline_minutes": ("verify", "approve", "specialist"),
}
_ASKED_BY_INVARIANTS: Final = frozenset({"votes", "roles", "step_up"})


@dataclass(frozen=True, slots=True)
class Table:
    """A document with what it is shown beside.

    Attributes:
        against: The text it is compared with; None for none.
        findings: By row.
        shown: Rows that stand open.
    """

    document: Document
    against: Document | None
    findings: Mapping[str, Sequence[Found]]
    shown: Collection[str]
    known: Catalogue


def describe_group(table: Table, group: str) -> list[Context]:
    """Return the rows of a group in their order."""
    former = _former(table.against, group)
    rows = rows_of(table.document, group)[: MAX_ROWS + 1]
    names = [str(row.get(NAMING[group], "")) for row in rows]
    moved = moved_names(list(former), names) if former is not None else frozenset()
    return [
        _row(table, group, index, row, _mark(row, name, former, moved), (former or {}).get(name))
        for index, (row, name) in enumerate(zip(rows, names, strict=True))
    ]


def changed_refs(document: Document, against: Document | None) -> list[str]:
    """Return the rows that another text has not, or has otherwise, such as ``rules.3``."""
    found = []
    for group in GROUPS if against is not None else ():
        former = _former(against, group) or {}
        found += [
            f"{group}.{index}"
            for index, row in enumerate(rows_of(document, group))
            if former.get(str(row.get(NAMING[group], ""))) != row
        ]
    return found


def _former(against: Document | None, group: str) -> dict[str, dict[str, Json]] | None:
    if against is None:
        return None
    return {str(row.get(NAMING[group])): row for row in rows_of(against, group)}


def _mark(
    row: Mapping[str, Json],
    name: str,
    former: Mapping[str, Json] | None,
    moved: Collection[str],
) -> str:
    if former is None:
        return ""
    if name not in former:
        return "new"
    if former[name] != row:
        return "changed"
    return "moved" if name in moved else ""


def arrange(
    table: Table, group: str, rows: Sequence[Context], *, folds: bool = True
) -> list[Context]:
    """Return what stands in a group: its rows, runs of unchanged ones, and those taken away.

    Nothing is folded while nothing is changed: then the table is there to be read.
    """
    gone = _gone(table.against, group, rows)
    is_quiet = [folds and not (row["mark"] or row["open"] or row["findings"]) for row in rows]
    if all(is_quiet) and not gone:
        return [{"kind": "row", "row": row} for row in rows]
    items: list[Context] = []
    for start, end in _cut(is_quiet, gone):
        items += gone.get(start, [])
        if is_quiet[start] and end - start >= LEAST_FOLDED:
            items.append(_run(group, rows[start:end]))
        else:
            items += [{"kind": "row", "row": row} for row in rows[start:end]]
    return items + gone.get(len(rows), [])


def _cut(is_quiet: Sequence[bool], gone: Collection[int]) -> list[tuple[int, int]]:
    """Return runs of rows alike, ended where a row was taken away."""
    cut: list[tuple[int, int]] = []
    for start, end in runs_of_alike(is_quiet):
        cut += pairwise([start, *sorted(at for at in gone if start < at < end), end])
    return cut


def _run(group: str, rows: Sequence[Context]) -> Context:
    first, last, count = rows[0]["number"], rows[-1]["number"], len(rows)
    said = {
        "rules": _("Rows %(first)d to %(last)d: unchanged"),
        "limits": _("Limits %(first)d to %(last)d: unchanged"),
        "invariants": _("Promises %(first)d to %(last)d: unchanged"),
    }[group]
    return {
        "kind": "run",
        "id": f"run-{group}-{first}",
        "words": said % {"first": first, "last": last},
        "show": ngettext("Show %(count)d", "Show %(count)d", count) % {"count": count},
        "rows": rows,
    }


def _gone(
    against: Document | None, group: str, rows: Sequence[Context]
) -> dict[int, list[Context]]:
    if against is None:
        return {}
    before = rows_of(against, group)
    names = [str(row.get(NAMING[group], "")) for row in before]
    places = places_of_gone(names, [row["name"] for row in rows])
    return {
        at: [_gone_row(against, group, index, before[index]) for index in indexes]
        for at, indexes in places.items()
    }


def _gone_row(against: Document, group: str, index: int, row: dict[str, Json]) -> Context:
    return {
        "kind": "gone",
        "ref": f"{group}.{index}",
        "number": index + 1,
        "label": numbered(group, index),
        "sentence": row_sentence(against, group, row, broken=False),
        "outcome": outcome_of(group, row),
    }


def _row(
    table: Table,
    group: str,
    index: int,
    row: dict[str, Json],
    mark: str,
    before: dict[str, Json] | None,
) -> Context:
    ref = f"{group}.{index}"
    found = table.findings.get(ref, [])
    context: Context = {
        "ref": ref,
        "group": group,
        "number": index + 1,
        "label": numbered(group, index),
        "name": str(row.get(NAMING[group], "")),
        "naming": NAMING[group],
        "title": str(row.get("title", "")),
        "outcome": outcome_of(group, row),
        "disabled": row.get("disabled") is True,
        "mark": mark,
        "findings": found,
        "blocks": any(one.blocks for one in found),
        "open": ref in table.shown,
        **_read_row(table, group, row, mark, before),
    }
    if ref in table.shown:
        context |= _opened(row, ref, found)
        if group == "limits":
            context["limit"] = _limit(table.document, row)
        else:
            context["conditions"] = describe_conditions(table.document, row, ref, table.known)
    return context


def _read_row(
    table: Table, group: str, row: dict[str, Json], mark: str, before: dict[str, Json] | None
) -> Context:
    """Return a row as a sentence, in parts where it differs from the one before."""
    broken = group == "limits" and not is_readable_limit(row)
    sentence = row_sentence(table.document, group, row, broken=broken)
    shown: Context = {"sentence": sentence, "parts": (), "was": [], "asides": []}
    if mark == "new":
        _gone, shown["parts"] = mark_words("", sentence)
    elif mark == "changed" and table.against is not None and before is not None:
        former = row_sentence(table.against, group, before, broken=False)
        gone, shown["parts"] = mark_words(former, sentence)
        shown["was"] = changed_words(gone)
        shown["asides"] = [
            {"label": label, "parts": mark_words(str(before.get(name, "")), said)[1]}
            for name, label in (("title", _("Holds")), ("reason", _("Reason")))
            if (said := str(row.get(name, ""))) != str(before.get(name, ""))
        ]
    return shown


def _opened(row: Mapping[str, Json], ref: str, found: Sequence[Found]) -> Context:
    is_invariant = ref.startswith("invariants")
    asked = row.get("then" if is_invariant else "obligations")
    fields: Mapping[str, Json] = asked if isinstance(asked, dict) else {}
    deadline, unit = inputs.typed_length(fields.get("deadline_minutes"), "minutes", DEADLINE_UNITS)
    outcome = outcome_of(ref.partition(".")[0], row)
    allowed = [each.value for each in Outcome]
    if not ref.startswith("rules"):
        allowed.remove(Outcome.ALLOW.value)
    return {
        "prefix": f"{ref}.",
        "bad": frozenset(each.target for each in found if each.blocks),
        "reason": str(row.get("reason", "")),
        "has_reason": not is_invariant,
        "outcomes": options(allowed, [outcome]),
        "asked": {
            name: (outcome in outcomes or bool(fields.get(name)))
            and (not is_invariant or name in _ASKED_BY_INVARIANTS)
            for name, outcomes in _ASKED.items()
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
