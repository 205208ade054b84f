"""Whose data a case or a customer's reference points to, for the room of personal data."""

import re
from collections.abc import Iterable

from cases.memory.holders import ERASED
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
                    SubjectKind.CASE,
                    str(case.public_id),
                    case.label,
                    (_as_value(case),),
                    _texts([case.claimed_name, case.external_ref]),
                )
            return _of(case.customer)
        customer = Customer.objects.filter(ref=text).first()
        return None if customer is None else _of(customer)


def _of(customer: Customer) -> Subject:
    rows = list(customer.cases.order_by("pk"))
    cases = tuple(_as_value(case) for case in rows)
    texts = _texts(
        [
            customer.ref,
            customer.name,
            *(str(point.get("value", "")) for point in customer.contact_points),
            *(case.external_ref for case in rows),
            *(case.claimed_name for case in rows),
        ]
    )
    label = f"Customer {customer.pk}"
    return Subject(SubjectKind.CUSTOMER, str(customer.public_id), label, cases, texts)


def _texts(found: Iterable[str | None]) -> tuple[str, ...]:
    """Return the texts there are, each once; what stands for an erased reference is none."""
    kept = (text for text in found if text and not text.startswith(ERASED))
    return tuple(dict.fromkeys(kept))


def _as_value(case: Case) -> SubjectCase:
    return SubjectCase(str(case.public_id), case.label, case.opened_at, case.closed_at)
