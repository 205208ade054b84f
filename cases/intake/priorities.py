"""The table that makes a priority of impact and urgency: as a document, and in words; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.intake.types import Degree
from governance.policies.reading import KEY, Report
from governance.reviews.describing import describe_heads
from governance.reviews.types import Change
from orchestra.core.errors import InvalidInputError

Json = Any
Document = Mapping[str, Json]

KEY_OF_TABLE: Final = "priority"
FIRST, LAST = 1, 5
DEGREE_WORDS: Final = {
    Degree.HIGH: gettext_lazy("high"),
    Degree.MEDIUM: gettext_lazy("medium"),
    Degree.LOW: gettext_lazy("low"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """Which priority each pair of impact and urgency has.

    Attributes:
        cells: Impact and urgency to the priority, 1 (first) to 5; all nine pairs.
        version: Number of the reviewed version; 0 for the table that ships.
    """

    title: str
    cells: Mapping[tuple[Degree, Degree], int]
    version: int = 0

    def priority(self, *, impact: Degree, urgency: Degree) -> int:
        """Return the priority of a pair."""
        return self.cells[impact, urgency]


#: Source: the product's definition of its metrics, impact + urgency - 1.
SHIPPED: Final = Table(
    title="Priority of cases",
    cells={(impact, urgency): impact + urgency - 1 for impact, urgency in product(Degree, Degree)},
)


def name_of(degree: Degree) -> str:
    """Return a degree as a document names it, such as ``high``."""
    return degree.name.lower()


def write_table(table: Table) -> dict[str, Json]:
    """Return the document of a table: for each impact the priorities by urgency."""
    return {
        "key": KEY_OF_TABLE,
        "title": table.title,
        "table": {
            name_of(impact): {name_of(urgency): table.cells[impact, urgency] for urgency in Degree}
            for impact in Degree
        },
    }


def read_table(document: Document, *, version: int = 0) -> Table:
    """Return the table that a document says.

    More impact, or more urgency, never comes later than less of it: words that raise either
    would otherwise put a case further back.

    Args:
        document: The document.
        version: Number of the version that holds it.

    Raises:
        InvalidInputError: With every error, each with its path.
    """
    report = Report()
    key = report.text(document.get("key"), "key", KEY)
    if key and key != KEY_OF_TABLE:
        message = _("There is one table, and its key is %(key)s.") % {"key": KEY_OF_TABLE}
        report.add("key", "key", message)
    title = report.text(document.get("title"), "title")
    names = [name_of(degree) for degree in Degree]
    rows = report.mapping(document.get("table"), "table", names)
    cells: dict[tuple[Degree, Degree], int] = {}
    for impact in Degree:
        at = f"table.{name_of(impact)}"
        row = report.mapping(rows.get(name_of(impact)), at, names)
        for urgency in Degree:
            where = f"{at}.{name_of(urgency)}"
            cells[impact, urgency] = report.whole(row.get(name_of(urgency)), where, FIRST, LAST)
    if not report.errors:
        for where, message in _disorder(cells):
            report.add(where, "order", message)
    if report.errors:
        raise InvalidInputError(
            _("The table has errors; correct them and try again."),
            code="priority_table.invalid",
            errors=report.errors,
        )
    return Table(title=title, cells=cells, version=version)


def _disorder(cells: Mapping[tuple[Degree, Degree], int]) -> Iterator[tuple[str, str]]:
    for impact, urgency in product(Degree, Degree):
        more = [
            (Degree(one), Degree(other))
            for one, other in ((impact - 1, urgency), (impact, urgency - 1))
            if one and other
        ]
        if any(cells[pair] > cells[impact, urgency] for pair in more):
            yield (
                f"table.{name_of(impact)}.{name_of(urgency)}",
                _("must not come before a pair with more impact or more urgency"),
            )


def describe_changes(before: Document | None, after: Document) -> tuple[Change, ...]:
    """Return in words how two tables differ.

    Raises:
        InvalidInputError: A document says no table.
    """
    old = _lines(read_table(before)) if before is not None else {}
    return tuple(describe_heads(old, _lines(read_table(after))))


def _lines(table: Table) -> dict[str, str]:
    lines = {_("Title"): table.title}
    for (impact, urgency), priority in table.cells.items():
        place = _("Impact %(impact)s, urgency %(urgency)s") % {
            "impact": DEGREE_WORDS[impact],
            "urgency": DEGREE_WORDS[urgency],
        }
        lines[place] = _("priority %(number)d") % {"number": priority}
    return lines
