"""Whose data a text points to."""

import pytest

from governance.privacy import selectors
from governance.privacy.types import SubjectKind
from tests.factories.cases import make_case, make_customer

pytestmark = pytest.mark.django_db


def test_a_reference_and_a_label_point_to_the_same_customer() -> None:
    customer = make_customer("mia_1")
    case = make_case(customer=customer)
    found = selectors.find_subject(" mia_1 ")
    assert found is not None
    assert (found.kind, found.id) == (SubjectKind.CUSTOMER, str(customer.public_id))
    assert [one.label for one in found.cases] == [case.label]
    assert selectors.find_subject(case.label.lower()) == found


def test_a_case_without_a_customer_stands_for_itself() -> None:
    case = make_case()
    found = selectors.find_subject(case.label)
    assert found is not None
    assert (found.kind, found.label) == (SubjectKind.CASE, case.label)


@pytest.mark.parametrize("text", ["", " ", "C-999999", "nobody", "a\x00b", "x" * 10_000])
def test_nobody_is_found_without_a_fault(text: str) -> None:
    assert selectors.find_subject(text) is None
