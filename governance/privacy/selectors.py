"""Reads of legal holds: what is under hold, and which holds there are."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.privacy import registry, rules
from governance.privacy.models import LegalHold
from governance.privacy.types import BLOCKING, Holds, HoldScope, Span, Subject
from orchestra.core.errors import NotFoundError

_LONGEST_TEXT = 200


def find_subject(text: str) -> Subject | None:
    """Return whose data a customer's reference or a case's label points to, or None."""
    wanted = text.strip()
    if not wanted or len(wanted) > _LONGEST_TEXT or "\x00" in wanted:
        return None
    found = (registry.subjects.get(name).find(wanted) for name in registry.subjects)
    return next((one for one in found if one is not None), None)


def no_subject() -> NotFoundError:
    """Return the one answer where there is nobody by that name."""
    return NotFoundError(
        _("There is no such customer or case. Nothing was changed."), code="not_found.subject"
    )


def holds_on(subject: Subject) -> list[LegalHold]:
    """Return the holds that block a subject, oldest first."""
    return [hold for hold in _blocking() if rules.is_held(subject, _as_holds([hold]))]


def held_among(cases: Iterable[tuple[str, str, datetime, datetime | None]]) -> frozenset[str]:
    """Return which cases are under hold, in one query however many are asked for.

    Args:
        cases: Public id of each case, public id of its customer or an empty text, when it was
            opened, and when it was closed.
    """
    listed = list(cases)
    holds = all_holds() if listed else Holds()
    return frozenset(
        case_id
        for case_id, customer_id, opened_at, closed_at in listed
        if case_id in holds.cases
        or customer_id in holds.customers
        or any(
            opened_at <= span.ends_at and (closed_at is None or closed_at >= span.begins_at)
            for span in holds.spans
        )
    )


def all_holds() -> Holds:
    """Return all that is under legal hold now."""
    return _as_holds(_blocking())


def list_holds(*, ended: bool = False) -> QuerySet[LegalHold]:
    """Return the holds that block, or those that ended, newest first."""
    rows = LegalHold.objects.select_related(
        "asked_by", "confirmed_by", "lift_asked_by", "lifted_by"
    ).order_by("-id")
    return rows.exclude(state__in=BLOCKING) if ended else rows.filter(state__in=BLOCKING)


def _blocking() -> QuerySet[LegalHold]:
    return LegalHold.objects.filter(state__in=[str(one) for one in BLOCKING]).order_by("id")


def _as_holds(rows: Iterable[LegalHold]) -> Holds:
    cases, customers, spans = set[str](), set[str](), list[Span]()
    for row in rows:
        if row.scope == HoldScope.CASE:
            cases.add(row.subject_id)
        elif row.scope == HoldScope.CUSTOMER:
            customers.add(row.subject_id)
        elif row.begins_at is not None and row.ends_at is not None:
            spans.append(Span(row.begins_at, row.ends_at))
    return Holds(frozenset(cases), frozenset(customers), tuple(spans))
