"""Rows of a table as a holder of personal data: found by subject, told, and blanked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

from governance.privacy.types import PersonalRecord, Subject, SubjectKind

_AT_ONCE = 500


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one table, and of its history, that hold personal data in some columns.

    Attributes:
        code: The key it is registered under.
        title: What it holds, in words.
        model: The table.
        reach: The rows of a subject; None where it has none there.
        blank: Column to what it holds after an erasure: a constant, or an
            expression of the row's own columns, such as of its public id.
        at: Column with the moment it came about.
        told: Columns that the person is told besides those that are blanked.
        untold: Blanked columns that say nothing to the person, such as digests.
        is_last: Whether others are found by it.
    """

    code: str
    title: str | Promise
    model: type[Model]
    reach: Callable[[Subject], Q | None]
    blank: Mapping[str, Any]
    at: str = ""
    told: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    is_last: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The columns it answers for, those of its history included."""
        return frozenset(
            f"{model._meta.label}.{name}"  # noqa: SLF001  Django's documented entry for generic code
            for model, blank in ((self.model, self.blank), *self._history())
            for name in blank
        )

    def count(self, subject: Subject) -> int:
        """Return how many rows hold something; versions in the history go with their row."""
        rows = self._rows(subject)
        return 0 if rows is None else rows.filter(_filled(self.blank)).count()

    def ids(self, subject: Subject) -> Iterator[str]:
        """Yield the public ids of the rows; erased ones too, since answers may still name them."""
        rows = self._rows(subject)
        if rows is None or not hasattr(self.model, "public_id"):
            return
        yield from (str(one) for one in rows.values_list("public_id", flat=True).iterator())

    def collect(self, subject: Subject) -> Iterator[PersonalRecord]:
        """Yield the rows that hold something, oldest first."""
        rows = self._rows(subject)
        if rows is None:
            return
        names = [*self.told, *(name for name in self.blank if name not in self.untold)]
        wanted = list(dict.fromkeys(["pk", *([self.at] if self.at else []), *names]))
        for row in rows.filter(_filled(self.blank)).order_by("pk").values(*wanted).iterator():
            values = {name: row[name] for name in names}
            yield PersonalRecord(self.code, str(row["pk"]), row.get(self.at), values)

    def erase(self, subject: Subject, now: datetime) -> int:
        """Blank the rows and all their versions in the history."""
        del now
        rows = self._rows(subject)
        keys = [] if rows is None else list(rows.order_by("pk").values_list("pk", flat=True))
        erased = 0
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            erased += _blank(self.model, Q(pk__in=some), self.blank)
            for model, blank in self._history():
                _blank(model, Q(id__in=some), blank)
        return erased

    def _rows(self, subject: Subject) -> "QuerySet[Any] | None":
        reach = self.reach(subject)
        return None if reach is None else self.model._default_manager.filter(reach)  # noqa: SLF001  Django's documented entry for generic code

    def _history(self) -> Iterator[tuple[type[Model], Mapping[str, Any]]]:
        history = getattr(self.model, "history", None)
        if history is not None:
            yield history.model, {**self.blank, "history_change_reason": None}


def of_cases(path: str = "case__public_id") -> Callable[[Subject], Q | None]:
    """Return the reach of rows that name a case.

    Args:
        path: From the row to the public id of its case.
    """
    return lambda subject: Q(**{f"{path}__in": subject.case_ids})


def of_customer(path: str = "public_id") -> Callable[[Subject], Q | None]:
    """Return the reach of rows of the customer beyond their cases.

    Args:
        path: From the row to the public id of the customer.
    """

    def reach(subject: Subject) -> Q | None:
        return Q(**{path: subject.id}) if subject.kind is SubjectKind.CUSTOMER else None

    return reach


def _blank(model: type[Model], wanted: Q, blank: Mapping[str, Any]) -> int:
    rows = model._default_manager.filter(wanted).filter(_filled(blank))  # noqa: SLF001  Django's documented entry for generic code
    return rows.update(**blank)


def _filled(blank: Mapping[str, Any]) -> Q:
    """Return which rows hold something in one of the columns."""
    return reduce(or_, (_holds(name, value) for name, value in blank.items()))


def _holds(name: str, value: Any) -> Q:
    return Q(**{f"{name}__isnull": False}) if value is None else ~Q(**{name: value})
