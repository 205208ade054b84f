"""Open a case, or rejoin the one a contact belongs to."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases.memory import entries
from cases.memory.courtesies import ends_quietly
from cases.memory.locks import lock_case
from cases.memory.models import Case, Customer, Interaction, Message
from cases.memory.rules import draft_errors, rejoins, subject_of, time_errors
from cases.memory.services.common import append, refuse_bad_text, refuse_errors
from cases.memory.services.customers import get_or_create_customer
from cases.memory.services.lifecycle import reopen_locked
from cases.memory.services.messages import write_interaction, write_message
from cases.memory.services.verification import withdraw_locked
from cases.memory.types import CaseDraft, CaseStatus, OpenCase, Speaker, VerificationLevel
from governance.access.models import Queue
from governance.access.rules import may
from governance.access.selectors import authority_of, require
from governance.access.types import Authority, Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.history import save_as


@dataclass(frozen=True, slots=True)
class Contact:
    """What became of a contact.

    Attributes:
        rejoined: Whether the case stood before this contact.
    """

    case: Case
    interaction: Interaction
    message: Message
    rejoined: bool


def open_case(*, actor: Actor, now: datetime, draft: CaseDraft) -> Case:
    """Open a case with the customer's first words, or rejoin one; see ``receive_contact``."""
    return receive_contact(actor=actor, now=now, draft=draft).case


@one_act()
def receive_contact(*, actor: Actor, now: datetime, draft: CaseDraft) -> Contact:
    """Open a case with the customer's first words, or rejoin the case they belong to.

    A contact that rejoins by a customer reference alone is not yet known to come from that
    customer: the verification that stood is withdrawn, with an entry that says so. A resolved
    case is open again, but for thanks and for what a mailbox answers by itself.

    Raises:
        InvalidInputError: The draft is not acceptable; every field is named.
        NotPermittedError: The actor may not open cases in the queue.
        ConflictError: The external reference belongs to a closed case or to another customer.
    """
    _check(draft, now)
    authority = authority_of(actor)
    queue = _queue_of(draft)
    require(authority=authority, capability=Capability.CASE_OPEN, queue_id=queue.pk)
    customer = _locked_customer(actor, now, draft)
    found = _find_case(authority, draft, queue, customer)
    if found is None:
        return _open(actor, now, draft, queue, customer)
    return _rejoin(actor, now, draft, found)


def _check(draft: CaseDraft, now: datetime) -> None:
    refuse_bad_text(
        **{
            "text": draft.text,
            "subject": draft.subject,
            "external_ref": draft.external_ref,
            "customer.ref": draft.customer_ref,
            "customer.name": draft.customer_name,
        }
    )
    errors = draft_errors(draft) + time_errors(at=draft.said_at, now=now)
    refuse_errors("The contact cannot be taken in as it is.", errors)


def _queue_of(draft: CaseDraft) -> Queue:
    wanted = {"key": draft.queue} if draft.queue else {"is_default": True}
    queue = Queue.objects.filter(**wanted).first()
    if queue is None:
        message = (
            _("There is no queue %(key)s.") % {"key": draft.queue}
            if draft.queue
            else _("No queue is the default; name the queue.")
        )
        raise InvalidInputError(message, errors=[FieldError("queue", "unknown", message)])
    return queue


def _locked_customer(actor: Actor, now: datetime, draft: CaseDraft) -> Customer | None:
    if not draft.customer_ref:
        return None
    while True:
        customer = get_or_create_customer(
            actor=actor,
            now=now,
            ref=draft.customer_ref,
            name=draft.customer_name,
            contact_points=draft.contact_points,
        )
        # Two contacts of one customer at once must not open two cases. A key lock would wait for
        # every act that names the customer while holding its case, and could deadlock with it.
        locked = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if locked.ref == draft.customer_ref:
            return locked
        # Erased while this waited for it: whoever writes now is a customer not known before.


def _find_case(
    authority: Authority, draft: CaseDraft, queue: Queue, customer: Customer | None
) -> OpenCase | None:
    wanted = Q()
    if draft.external_ref:
        wanted |= Q(external_ref=draft.external_ref)
    if customer is not None:
        running = [CaseStatus.OPEN, CaseStatus.HANDED_OFF]
        wanted |= Q(customer=customer, queue=queue, status__in=running)
    if not wanted:
        return None
    rows = Case.objects.filter(wanted).values(
        "pk", "status", "customer__ref", "external_ref", "queue_id", "intent"
    )
    candidates = [
        OpenCase(
            pk=row["pk"],
            status=CaseStatus(row["status"]),
            customer_ref=row["customer__ref"] or "",
            external_ref=row["external_ref"] or "",
            queue_id=row["queue_id"],
            intent=row["intent"],
        )
        for row in rows
    ]
    found = rejoins(draft=draft, queue_id=queue.pk, candidates=candidates)
    if found is not None and not may(authority, Capability.CASE_WORK, found.queue_id):
        _refuse_hidden_reference(draft, found)
        return None
    return found


def _refuse_hidden_reference(draft: CaseDraft, found: OpenCase) -> None:
    """Refuse the reference of a case that the actor may not see; a customer's is left alone."""
    if draft.external_ref and found.external_ref == draft.external_ref:
        raise ConflictError(
            _("This external_ref is in use; send the matter's own reference."),
            code="conflict.external_ref",
        )


def _open(
    actor: Actor, now: datetime, draft: CaseDraft, queue: Queue, customer: Customer | None
) -> Contact:
    case = Case(
        customer=customer,
        claimed_name=draft.customer_name,
        queue=queue,
        channel=draft.channel,
        subject=subject_of(draft),
        intent=draft.intent,
        external_ref=draft.external_ref or None,
        opened_by_kind=actor.kind,
        opened_by_id=actor.id,
        opened_by_label=actor.label,
        opened_at=now,
    )
    try:
        with transaction.atomic():
            save_as(case, actor=actor, reason="opened")
    except IntegrityError:
        raise ConflictError(
            _("Another contact opened a case under this external_ref just now; send it again."),
            code="conflict.external_ref",
        ) from None
    interaction = write_interaction(case=case, channel=draft.channel, now=now)
    append(
        actor=actor,
        now=now,
        case=case,
        kind=entries.CASE_OPENED,
        payload={
            "case": case.label,
            "channel": str(draft.channel),
            "queue": queue.key,
            "subject": case.subject,
            "external_ref": draft.external_ref,
            "customer": {"ref": draft.customer_ref, "name": draft.customer_name},
            "interaction": str(interaction.public_id),
        },
    )
    return _first_words(actor, now, draft, case, interaction, rejoined=False)


def _names_of(found: OpenCase) -> tuple[UUID, UUID | None]:
    return Case.objects.values_list("public_id", "merged_into__public_id").get(pk=found.pk)


def _rejoin(actor: Actor, now: datetime, draft: CaseDraft, found: OpenCase) -> Contact:
    own, taken_in_by = _names_of(found)
    # What was said under the reference of an absorbed case belongs to the one that took it in.
    case = lock_case(taken_in_by or own)
    same_matter = bool(draft.external_ref) and case.external_ref == draft.external_ref
    _check_rejoin(draft, case)
    quiet = case.status == CaseStatus.RESOLVED and ends_quietly(draft.text)
    if case.status == CaseStatus.RESOLVED and not quiet:
        reopen_locked(
            actor=actor, now=now, case=case, reason="the customer came back", by_customer=True
        )
    if not same_matter and case.verification != VerificationLevel.NONE:
        withdraw_locked(
            actor=actor, now=now, case=case, reason="a new contact has to be verified again"
        )
    interaction = write_interaction(case=case, channel=draft.channel, now=now, ends_at_once=quiet)
    append(
        actor=actor,
        now=now,
        case=case,
        kind=entries.INTERACTION_STARTED,
        payload={
            "channel": str(draft.channel),
            "rejoined": True,
            **({"asks_for_nothing": True} if quiet else {}),
        },
        subject=("interaction", str(interaction.public_id)),
    )
    return _first_words(actor, now, draft, case, interaction, rejoined=True)


def _check_rejoin(draft: CaseDraft, case: Case) -> None:
    if case.status == CaseStatus.MERGED:
        raise ConflictError(
            _("%(case)s was merged into another case just now; send it again.")
            % {"case": case.label},
            code="conflict.case_merged",
        )
    if case.status == CaseStatus.CLOSED:
        raise ConflictError(
            _("This external_ref belongs to %(case)s, which is closed; reopen it first.")
            % {"case": case.label},
            code="conflict.case_closed",
            data={"case": str(case.public_id)},
        )
    bound = case.customer.ref if case.customer else ""
    if draft.customer_ref and bound and bound != draft.customer_ref:
        raise ConflictError(
            _("This external_ref belongs to %(case)s, which is another customer's.")
            % {"case": case.label},
            code="conflict.customer",
            data={"case": str(case.public_id)},
        )


def _first_words(
    actor: Actor,
    now: datetime,
    draft: CaseDraft,
    case: Case,
    interaction: Interaction,
    *,
    rejoined: bool,
) -> Contact:
    message = write_message(
        actor=actor,
        now=now,
        interaction=interaction,
        speaker=Speaker.CUSTOMER,
        text=draft.text,
        at=draft.said_at or now,
    )
    return Contact(case=case, interaction=interaction, message=message, rejoined=rejoined)
