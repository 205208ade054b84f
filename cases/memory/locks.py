"""Fetch-and-lock of a case: the first lock of every act on it."""

from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from cases.memory.models import Case
from orchestra.core.errors import NotFoundError
from orchestra.core.locking import lock_one


def lock_case(case_public_id: UUID | str) -> Case:
    """Lock a case by its public id and return it as it stands, with queue and customer.

    Cases are locked before approvals, and approvals before tool calls.

    Raises:
        NotFoundError: There is no such case.
        RuntimeError: No transaction is open.
    """
    rows = Case.objects.select_related("queue", "customer", "holder")
    try:
        return lock_one(rows.filter(public_id=case_public_id))
    except ObjectDoesNotExist:
        raise not_found() from None


def not_found() -> NotFoundError:
    """Return the one answer for cases that are absent and cases that may not be seen."""
    return NotFoundError(_("There is no such case, or you may not see it."), code="not_found.case")
