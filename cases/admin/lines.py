"""Rows of lists as named values, with what stands in other tables in the same row.

A row as models takes one for each table, of which a list shows a column or two: making them took
most of the time of a list of a hundred.
"""

from typing import Any, TypeAlias

from django.db.models import QuerySet

from cases.handoff.models import Handoff
from cases.memory.models import Case

Lines: TypeAlias = "QuerySet[Any, Any]"

_CUSTOMER = ("customer__name", "customer__ref", "claimed_name")
_PERSON = ("first_name", "last_name", "username")
_CASE = (
    "pk",
    "public_id",
    "verification",
    "subject",
    "status",
    "channel",
    "priority",
    "risk_flags",
    "opened_at",
    "queue__title",
    *_CUSTOMER,
    *(f"holder__{name}" for name in _PERSON),
)
_HANDOFF = (
    "pk",
    "public_id",
    "case_id",
    "queue_id",
    "role",
    "reason_code",
    "note",
    "from_kind",
    "from_label",
    "missing_parts",
    "state",
    "offered_at",
    "reply_due_at",
    "queue__title",
    "case__public_id",
    *(f"case__{name}" for name in _CUSTOMER),
    *(f"accepted_by__{name}" for name in _PERSON),
)


def as_case_lines(cases: "QuerySet[Case]") -> Lines:
    """Return what a list shows of cases, their customers, queues and holders."""
    return cases.values_list(*_CASE, named=True)


def as_handoff_lines(handoffs: "QuerySet[Handoff]", *more: str) -> Lines:
    """Return what a list shows of handoffs, their cases, queues and who took them.

    Args:
        handoffs: Some handoffs.
        more: Names of what they are annotated with.
    """
    return handoffs.values_list(*_HANDOFF, *more, named=True)


def whose_case(line: Any) -> str:
    """Return what the customer of a line of a case goes by; empty while nobody knows it."""
    return _who(line.customer__name, line.customer__ref, line.claimed_name)


def whose_handoff(line: Any) -> str:
    """Return what the customer of a line of a handoff goes by; empty while nobody knows it."""
    return _who(line.case__customer__name, line.case__customer__ref, line.case__claimed_name)


def held_by(line: Any) -> str:
    """Return what the holder of a line of a case is called; empty for nobody."""
    return _person(line.holder__first_name, line.holder__last_name, line.holder__username)


def taken_by(line: Any) -> str:
    """Return what the person who took a line of a handoff is called; empty for nobody."""
    names = (line.accepted_by__first_name, line.accepted_by__last_name)
    return _person(*names, line.accepted_by__username)


def _who(name: str | None, ref: str | None, claimed: str) -> str:
    """Return what a customer goes by, as ``Case.who`` does."""
    return name or ref or claimed


def _person(first: str | None, last: str | None, username: str | None) -> str:
    """Return what a person is called, as ``User.label`` does."""
    return "" if username is None else f"{first} {last}".strip() or username
