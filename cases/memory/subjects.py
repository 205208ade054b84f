"""Whose data a case or a customer's reference points to, for the room of personal data."""

import re

from cases.memory.models import Case, Customer
from governance.privacy.types import Subject, SubjectCase, SubjectKind

_LABEL = re.compile(r"C-(?P<number>\d{1,18})", re.IGNORECASE)


class CaseSubjects:
    """Finds customers by their reference, and cases by their label."""

    def find(self, text: str) -> Subject | None:
        """Return the subject of a reference or a label; a bound case is its customer's."""
        label = _LABEL.fullmatch(text)
        if label:
            case = Case.objects.filter(pk=int(label["number"])).first()
            if case is None:
                return None
            if case.customer is None:
                return Subject(
                    SubjectKind.CASE, str(case.public_id), case.label, (_as_value(case),)
                )
            return _of(case.customer)
        customer = Customer.objects.filter(ref=text).first()
        return None if customer is None else _of(customer)


def _of(customer: Customer) -> Subject:
    cases = tuple(_as_value(case) for case in customer.cases.order_by("pk"))
    return Subject(SubjectKind.CUSTOMER, str(customer.public_id), f"Customer {customer.pk}", cases)


def _as_value(case: Case) -> SubjectCase:
    return SubjectCase(str(case.public_id), case.label, case.opened_at, case.closed_at)
