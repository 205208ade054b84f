"""Fetch-and-lock of a case: the first lock of every act on it."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.memory.models import Case
from orchestra.core.actors import Actor
from orchestra.core.errors import NotFoundError, NotPermittedError
from orchestra.core.locking import lock
from orchestra.core.prepared import Prepared


def _whole(case_public_id: UUID | str) -> QuerySet[Case]:
    rows = Case.objects.filter(public_id=case_public_id)
    return rows.select_related("queue", "customer", "holder")


_WHOLE = Prepared(_whole, locks=True)


def lock_case(case_public_id: UUID | str) -> Case:
    """Lock a case by its public id and return it as it stands, with queue, customer and holder.

    Cases are locked before approvals, and approvals before tool calls.

    Raises:
        NotFoundError: There is no such case.
        RuntimeError: No transaction is open.
    """
    found = _WHOLE.rows(
        case_public_id if isinstance(case_public_id, UUID) else UUID(case_public_id)
    )
    if found and _agrees(found[0]):
        return found[0]
    # PostgreSQL gives whoever waited for the lock the new row beside the joined rows of
    # before, or no row where the join no longer holds: lock it alone, then read again.
    if not lock(Case.objects.filter(public_id=case_public_id)):
        raise not_found()
    return _whole(case_public_id).get()


def refuse_gated(*, actor: Actor, case: Case) -> None:
    """Refuse an AI agent a case that a critical risk took to people.

    Raises:
        NotPermittedError: An AI agent asks, and the case is gated.
    """
    if actor.is_agent and case.gated_at is not None:
        raise NotPermittedError(
            _(
                "%(case)s is with people because of a critical risk. An AI agent can read no "
                "further and propose nothing; stop, and tell the customer that a person goes on."
            )
            % {"case": case.label},
            code="not_permitted.case_gated",
            data={"case": str(case.public_id)},
        )


def _agrees(case: Case) -> bool:
    """Whether the joined rows are the ones that the case names."""
    customer, holder = case.customer, case.holder
    return (customer and customer.pk) == case.customer_id and (
        holder and holder.pk
    ) == case.holder_id


def not_found() -> NotFoundError:
    """Return the one answer for cases that are absent and cases that may not be seen."""
    return NotFoundError(_("There is no such case, or you may not see it."), code="not_found.case")
