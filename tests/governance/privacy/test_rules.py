"""What a hold covers: a name, the cases of a customer, or whatever was open in a span."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.privacy import rules
from governance.privacy.types import Holds, Span, Subject, SubjectCase, SubjectKind

DAY = timedelta(days=1)
AT = datetime(2026, 11, 10, tzinfo=UTC)
SPAN = Span(AT, AT + 2 * DAY)


@pytest.mark.parametrize(
    ("opened", "closed", "is_covered"),
    [
        (-5, -1, False),
        (-5, 0, True),
        (1, 1, True),
        (2, None, True),
        (3, None, False),
        (-5, 9, True),
    ],
)
def test_a_span_covers_what_was_open_in_it(
    opened: int, closed: int | None, *, is_covered: bool
) -> None:
    end = None if closed is None else AT + closed * DAY
    case = SubjectCase("ca", "C-1", AT + opened * DAY, end)
    assert rules.was_open(case, SPAN) is is_covered


@pytest.mark.parametrize(
    ("holds", "is_held"),
    [
        (Holds(), False),
        (Holds(cases=frozenset({"ca"})), True),
        (Holds(cases=frozenset({"cu"})), False),
        (Holds(customers=frozenset({"cu"})), True),
        (Holds(spans=(SPAN,)), True),
        (Holds(spans=(Span(AT - 9 * DAY, AT - 8 * DAY),)), False),
    ],
)
def test_a_customer_is_held_by_name_by_a_case_or_by_time(holds: Holds, *, is_held: bool) -> None:
    case = SubjectCase("ca", "C-1", AT, AT + DAY)
    subject = Subject(SubjectKind.CUSTOMER, "cu", "Customer 1", (case,))
    assert rules.is_held(subject, holds) is is_held


def test_nobody_decides_what_they_asked_for() -> None:
    assert not rules.may_decide(asked_by=4, person=4)
    assert rules.may_decide(asked_by=4, person=5)
