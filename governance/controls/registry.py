"""The standing reports there are; the apps put theirs in at start-up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from governance.controls.types import Asked, Line, Table
from governance.ledger.selection import EntrySelection
from orchestra.core.registry import Registry
from orchestra.core.together import Reading, answer

Lines = Callable[..., Reading[tuple[Line, ...]]]
Tables = Callable[[Asked], tuple[Table, ...]]
Rows = Callable[[datetime, datetime], "QuerySet[Any]"]


def no_tables(asked: Asked) -> tuple[Table, ...]:
    """Return no table: the lines of a report say it all."""
    del asked
    return ()


@dataclass(frozen=True, slots=True)
class Report:
    """One standing report.

    Attributes:
        code: Stable code.
        title: What it gives evidence of.
        about: What it holds, in a sentence.
        requirements: References of what it is evidence for.
        kinds: Kinds of entries it rests on; one that ends in a dot is a beginning, none is all.
        lines: Comes to its lines over a span.
        silent: What it does not show.
        tables: Reads what stands behind the lines over a span.
        rows: The query of what its lines go through one by one over a span, beside entries; None
            where there is nothing.
    """

    code: str
    title: object
    about: object
    requirements: tuple[str, ...]
    kinds: tuple[str, ...]
    lines: Lines
    silent: object
    tables: Tables = no_tables
    rows: Rows | None = None

    def select(self, *, since: datetime, until: datetime) -> EntrySelection:
        """Return the entries of a span that the report rests on."""
        return EntrySelection(kinds=self.kinds, since=since, until=until)

    def gaps(self, *, since: datetime, until: datetime) -> Sequence[Line]:
        """Return every line of the report over a span, the complete ones too."""
        return answer(self.lines(since=since, until=until))


#: Code to report; a page shows them in the order of ``ordered``.
reports: Registry[Report] = Registry("standing report")


def ordered() -> list[Report]:
    """Return every report, in the order they were registered."""
    return [reports.get(code) for code in _ORDER]


def register_reports(*items: Report) -> None:
    """Let these reports be read; the same report again is harmless.

    Raises:
        ValueError: Another report already has this code.
    """
    for item in items:
        if item.code not in reports:
            _ORDER.append(item.code)
        reports.register(item.code, item)


_ORDER: list[str] = []
