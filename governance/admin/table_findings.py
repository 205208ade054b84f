"""Everything found in a table while it is edited, each on its row: errors, and what checks say."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.admin.table_acts import Document, rows_of
from governance.admin.table_reading import numbered, plain_fact
from governance.policies import sentences as say
from governance.policies.catalogue import Catalogue
from governance.policies.checking.checks import HasEligible
from governance.policies.checking.findings import Finding, Severity
from governance.policies.examining import examine_readable
from orchestra.core.errors import FieldError

Json = Any

#: Rows compared with each other while somebody writes; the rest waits for the submission.
MAX_COMPARED: Final = 300
#: Where the errors of a text to import stand.
IMPORTED: Final = "yaml"
_ROW: Final = re.compile(r"(rules|limits|invariants)\[(\d+)\]\.?(.*)", re.DOTALL)
_CONDITION: Final = re.compile(r"when\[(\d+)\]")
_TITLES: Final[Mapping[str, Promise]] = {
    "weaker_above": gettext_lazy("Weaker control for a larger amount"),
    "shadowed": gettext_lazy("Hidden by other rows"),
    "contradiction": gettext_lazy("Contradiction"),
    "contradictory": gettext_lazy("Can never fire"),
    "outside_scope": gettext_lazy("Can never fire"),
    "below_floor": gettext_lazy("Softer than its risk level allows"),
    "unknown_fact": gettext_lazy("No such fact"),
    "unknown_tool": gettext_lazy("No such tool"),
    "no_eligible_approver": gettext_lazy("Nobody can give this vote"),
    "gap": gettext_lazy("A gap"),
    "currency_mismatch": gettext_lazy("Another currency"),
    "currency_open": gettext_lazy("No certain currency"),
    "currency": gettext_lazy("No certain currency"),
    "floor_fails": gettext_lazy("A floor does not hold"),
    "floor_unproved": gettext_lazy("A floor is not proved"),
    "invariant_fails": gettext_lazy("A promise does not hold"),
    "invariant_unproved": gettext_lazy("A promise is not proved"),
    "too_large": gettext_lazy("Not compared"),
    "empty": gettext_lazy("No row counts"),
    "too_many": gettext_lazy("Too much"),
    "repeated": gettext_lazy("Said twice"),
    "taken": gettext_lazy("Name taken"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One finding as the editor places it.

    Attributes:
        row: The row it is about, such as ``rules.3``; empty for the table as a whole.
        target: Id of the input to mend; of the row where there is none.
        path: Where it stands in the document.
        where: How people name the row.
        title: What kind of thing it is; empty where the message says it.
        blocks: Whether it keeps the table from being submitted.
        example: Facts on which it shows, in words.
        sides: The other rows it is about, each as the id of its card and its name.
    """

    row: str
    target: str
    path: str
    where: str
    title: str
    message: str
    blocks: bool
    example: tuple[str, ...] = ()
    sides: tuple[tuple[str, str], ...] = ()

    @property
    def short(self) -> str:
        """What a link to it says."""
        return self.title or self.message


def place_all(findings: Iterable[FieldError | Finding], currency: str = "") -> list[Found]:
    """Return findings as the editor places them; those of a text to import stand elsewhere.

    Args:
        findings: Errors of a document, and what checks say of it.
        currency: What amounts of examples are in where they do not say.
    """
    return [
        _of_error(each) if isinstance(each, FieldError) else _of_check(each, currency)
        for each in findings
        if isinstance(each, Finding) or each.field != IMPORTED
    ]


def _of_error(error: FieldError) -> Found:
    row, target, where = _place(error.field)
    title = str(_TITLES.get(error.code, ""))
    return Found(row, target, error.field, where, title, error.message, blocks=True)


def _of_check(finding: Finding, currency: str) -> Found:
    row, target, where = _place(finding.path)
    said = str(finding.facts.get("currency") or currency)
    return Found(
        row=row,
        target=target,
        path=finding.path,
        where=where,
        title=str(_TITLES.get(finding.code, "")),
        message=finding.message,
        blocks=finding.severity is Severity.ERROR,
        example=tuple(_example(finding.facts, said)),
        sides=other_sides(finding.others),
    )


def other_sides(paths: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return rows named by their paths, each as the id of its card and its name."""
    rows = (_place(path) for path in paths)
    return tuple((f"row-{row}", where) for row, _target, where in rows if row)


def _example(facts: Mapping[str, Json], currency: str) -> Iterable[str]:
    for name, value in facts.items():
        if value is None:
            yield _("%(fact)s is not known") % {"fact": plain_fact(name)}
        else:
            yield _("%(fact)s is %(value)s") % {
                "fact": plain_fact(name),
                "value": say.value_words(name, value, currency) or _("nothing"),
            }


def _place(path: str) -> tuple[str, str, str]:
    """Return the row, the input to mend, and how people name the row."""
    found = _ROW.fullmatch(path)
    if not found:
        part = re.split(r"[.\[]", path)[0]
        names = {
            "title": _("Title"),
            "scope": _("Where it holds"),
            "thresholds": _("Thresholds"),
        }
        return "", part if part in names else "editor-head", names.get(part, _("The table"))
    ref = f"{found[1]}.{found[2]}"
    return ref, _target(ref, found[3]), numbered(found[1], int(found[2]))


def _target(ref: str, rest: str) -> str:
    condition = _CONDITION.match(rest)
    if condition:
        last = rest.rpartition(".")[2] if "." in rest else ""
        return f"{ref}.when.{condition[1]}.{'fact' if last in {'', 'fact'} else 'value'}"
    name = rest.replace("then.outcome", "outcome").replace("then", "obligations")
    names = {"window_hours": "window", "obligations.deadline_minutes": "obligations.deadline"}
    name = names.get(name, name).partition("[")[0]
    return f"{ref}.{name}" if name and name not in {"when", "obligations"} else f"row-{ref}"


def check_document(
    document: Document,
    errors: Sequence[FieldError],
    *,
    catalogue: Catalogue,
    has_eligible: HasEligible | None = None,
) -> Sequence[Finding]:
    """Return what the checks find in a document, as far as it can be read.

    Args:
        document: The document.
        errors: Its errors.
        catalogue: Facts and tools that may be named.
        has_eligible: Says whether anybody may give an approval; None where that is not asked.
    """
    if len(rows_of(document, "rules")) + len(rows_of(document, "limits")) > MAX_COMPARED:
        message = _(
            "More than %(most)d rows are not compared with each other while you write; they are "
            "when the table is submitted."
        ) % {"most": MAX_COMPARED}
        return [Finding("", "", Severity.WARNING, "too_large", message)]
    return examine_readable(
        document=document,
        unread=[each.field for each in errors],
        has_eligible=has_eligible,
        catalogue=catalogue,
    )


def by_row(findings: Iterable[Found]) -> dict[str, list[Found]]:
    """Return findings by their row; those of the table as a whole under the empty text."""
    rows: dict[str, list[Found]] = {}
    for found in findings:
        rows.setdefault(found.row, []).append(found)
    return rows


def count_blocking(findings: Collection[Found]) -> int:
    """Return how many findings keep the table from being submitted."""
    return sum(found.blocks for found in findings)
