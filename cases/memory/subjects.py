"""Whose data a case or a customer's reference points to, for the room of personal data."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from cases.memory.models import Case, Customer
from cases.memory.types import ERASED
from governance.privacy.types import Subject, SubjectCase, SubjectKind
from orchestra.core.locking import lock

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
            return _of_case(case) if case.customer is None else _of(case.customer)
        customer = Customer.objects.filter(ref=text).first()
        return None if customer is None else _of(customer)

    def get(self, kind: SubjectKind, subject_id: str) -> Subject | None:
        """Return the subject of a public id, or None."""
        if kind is SubjectKind.CUSTOMER:
            customer = Customer.objects.filter(public_id=subject_id).first()
            return None if customer is None else _of(customer)
        case = Case.objects.filter(public_id=subject_id, customer=None).first()
        return None if case is None else _of_case(case)

    def lock(self, subject: Subject) -> None:
        """Lock the customer, then the cases, as whoever takes in a contact does."""
        if subject.kind is SubjectKind.CUSTOMER:
            list(Customer.objects.select_for_update(no_key=True).filter(public_id=subject.id))
        lock(Case.objects.filter(public_id__in=subject.case_ids))


def subject_of_case(case: Case) -> Subject:
    """Return a case as a subject of its own, with its customer's id where one is bound."""
    own = (_as_value(case),)
    if case.customer is None:
        return Subject(SubjectKind.CASE, str(case.public_id), case.label, own)
    customer = case.customer
    return Subject(SubjectKind.CUSTOMER, str(customer.public_id), f"Customer {customer.pk}", own)


def is_erased(case: Case) -> bool:
    """Whether the data of a case's customer was erased."""
    return case.customer is not None and case.customer.ref.startswith(ERASED)


def still_open(subject: Subject) -> list[str]:
    """Return a sentence for every case that is not closed."""
    return [
        _("%(case)s is not closed.") % {"case": case.label}
        for case in subject.cases
        if case.closed_at is None
    ]


def _of_case(case: Case) -> Subject:
    texts = _texts([case.claimed_name, case.external_ref])
    own = (_as_value(case),)
    return Subject(SubjectKind.CASE, str(case.public_id), case.label, own, texts)


def _of(customer: Customer) -> Subject:
    rows = list(customer.cases.order_by("pk"))
    cases = tuple(_as_value(case) for case in rows)
    texts = _texts(
        [
            "" if customer.ref == f"{ERASED}{customer.public_id.hex}" else customer.ref,
            customer.name,
            *(str(point.get("value", "")) for point in customer.contact_points),
            *(case.external_ref for case in rows),
            *(case.claimed_name for case in rows),
        ]
    )
    label = f"Customer {customer.pk}"
    return Subject(SubjectKind.CUSTOMER, str(customer.public_id), label, cases, texts)


def _texts(found: Iterable[str | None]) -> tuple[str, ...]:
    """Return the texts there are, each once."""
    return tuple(dict.fromkeys(text for text in found if text))


def _as_value(case: Case) -> SubjectCase:
    return SubjectCase(str(case.public_id), case.label, case.opened_at, case.closed_at)
