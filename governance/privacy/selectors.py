"""Reads of legal holds and erasures: what is under hold, and what an erasure would take."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.privacy import registry, rules
from governance.privacy.models import Erasure, LegalHold
from governance.privacy.types import (
    BLOCKING,
    COMING,
    Held,
    Holds,
    HoldScope,
    Preview,
    Span,
    Subject,
    SubjectKind,
)
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


def get_subject(kind: SubjectKind, subject_id: str) -> Subject | None:
    """Return the subject of a public id as it stands now, or None."""
    found = (registry.subjects.get(name).get(kind, subject_id) for name in registry.subjects)
    return next((one for one in found if one is not None), None)


def preview(subject: Subject) -> Preview:
    """Return what an erasure would take from a subject, and what stands against it."""
    found = ((one, one.count(subject)) for one in registry.in_order())
    held = tuple(Held(one.code, str(one.title), count) for one, count in found if count)
    return Preview(
        subject=subject,
        held=held,
        holds=tuple(hold.number for hold in holds_on(subject)),
        obstacles=tuple(
            said for name in registry.obstacles for said in registry.obstacles.get(name)(subject)
        ),
    )


def list_erasures(*, ended: bool = False) -> QuerySet[Erasure]:
    """Return the erasures that are to come, or those that ended, newest first."""
    rows = Erasure.objects.select_related("asked_by", "confirmed_by").order_by("-id")
    coming = [str(state) for state in COMING]
    return rows.exclude(state__in=coming) if ended else rows.filter(state__in=coming)


def get_erasure(erasure_id: UUID) -> Erasure:
    """Return one erasure.

    Raises:
        NotFoundError: There is none with this public id.
    """
    rows = Erasure.objects.select_related("asked_by", "confirmed_by")
    found = rows.filter(public_id=erasure_id).first()
    if found is None:
        raise NotFoundError(_("There is no such erasure. Nothing was changed."))
    return found


def get_hold(hold_id: UUID) -> LegalHold:
    """Return one legal hold.

    Raises:
        NotFoundError: There is none with this public id.
    """
    found = LegalHold.objects.filter(public_id=hold_id).first()
    if found is None:
        raise NotFoundError(_("There is no such legal hold. Nothing was changed."))
    return found


def holds_on(subject: Subject) -> list[LegalHold]:
    """Return the holds that block a subject, oldest first."""
    return holds_among(list_holds_in_force(), subject)


def holds_among(holds: Iterable[LegalHold], subject: Subject) -> list[LegalHold]:
    """Return those of some holds that block a subject, in their order."""
    return [hold for hold in holds if rules.is_held(subject, _as_holds([hold]))]


def list_holds_in_force() -> QuerySet[LegalHold]:
    """Return the holds that block now, whatever they cover, oldest first."""
    return _blocking()


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


def list_blocking() -> list[tuple[str, Holds]]:
    """Return the number of each hold that blocks now, and what it covers, oldest first."""
    return [(hold.number, _as_holds([hold])) for hold in _blocking()]


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
