"""Know a customer by reference, and bind a case to one."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases.memory import entries
from cases.memory.models import Case, Customer
from cases.memory.rules import length_errors
from cases.memory.services.common import append, locked, refuse_bad_text, refuse_errors
from cases.memory.types import CaseAct
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError
from orchestra.core.history import save_as
from orchestra.core.locking import compare_and_set


def get_or_create_customer(
    *,
    actor: Actor,
    now: datetime,
    ref: str,
    name: str = "",
    contact_points: Iterable[Mapping[str, str]] = (),
) -> Customer:
    """Return the customer of a reference; what is known of one already is left as it is.

    Call it inside the transaction of the act that needs the customer.
    """
    known = Customer.objects.filter(ref=ref).first()
    if known is not None:
        return known
    customer = Customer(
        ref=ref,
        name=name,
        contact_points=[dict(point) for point in contact_points],
        created_at=now,
    )
    try:
        with transaction.atomic():
            save_as(customer, actor=actor, reason="first contact")
    except IntegrityError:
        return Customer.objects.get(ref=ref)
    return customer


@one_act()
def bind_customer(
    *, actor: Actor, now: datetime, case: Case, customer_ref: str, customer_name: str = ""
) -> Case:
    """Bind a case to its customer; the same customer again changes nothing.

    Raises:
        ConflictError: The case is another customer's matter.
        InvalidInputError: The reference or the name is not acceptable.
    """
    check_customer(customer_ref, customer_name)
    row = locked(actor=actor, case=case, capability=Capability.CUSTOMER_VERIFY, act=CaseAct.VERIFY)
    bind_locked(actor=actor, now=now, case=row, ref=customer_ref, name=customer_name)
    return row


def check_customer(ref: str, name: str) -> None:
    """Refuse a customer's reference or name that cannot be stored.

    Raises:
        InvalidInputError: Naming the fields.
    """
    refuse_bad_text(**{"customer.ref": ref, "customer.name": name})
    errors = length_errors({"customer.ref": (ref, 200), "customer.name": (name, 200)})
    refuse_errors(_("The customer cannot be stored as given."), errors)


def bind_locked(*, actor: Actor, now: datetime, case: Case, ref: str, name: str) -> None:
    """Bind a locked case to a customer, with its entry; nothing happens when it is bound so.

    Raises:
        ConflictError: The case is another customer's matter, or the customer was erased just now.
    """
    refuse_other_customer(case=case, ref=ref)
    if not ref or case.customer is not None:
        return
    customer = get_or_create_customer(actor=actor, now=now, ref=ref, name=name)
    compare_and_set(
        case,
        expected={"customer": None},
        changes={"customer": customer},
        actor=actor,
        reason="customer bound",
    )
    # Naming the customer waits for an erasure of theirs that goes on; then nobody has the name.
    if not Customer.objects.filter(pk=customer.pk, ref=ref).exists():
        raise ConflictError(
            _("The data of this customer was erased just now; send it again."),
            code="conflict.customer_erased",
        )
    append(
        actor=actor,
        now=now,
        case=case,
        kind=entries.CUSTOMER_BOUND,
        payload={"customer": str(customer), "ref": ref, "name": name},
        subject=("customer", str(customer.public_id)),
    )


def refuse_other_customer(*, case: Case, ref: str) -> None:
    """Refuse to name another customer than the one a locked case is bound to.

    Raises:
        ConflictError: The case is another customer's matter.
    """
    if ref and case.customer is not None and case.customer.ref != ref:
        raise ConflictError(
            _(
                "%(case)s is the matter of another customer; a case has one customer. "
                "Open a case of its own for this one."
            )
            % {"case": case.label},
            code="conflict.customer",
            data={"case": str(case.public_id)},
        )
