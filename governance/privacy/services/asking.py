"""Ask that somebody's personal data is erased, and decide it: two people, as for a hold."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.services.guard import require_proof
from governance.access.types import StepUpProof
from governance.ledger.services import one_act
from governance.privacy import entries, selectors
from governance.privacy.models import Erasure
from governance.privacy.services.common import (
    TURN,
    person_of,
    read_texts,
    record,
    require_another,
    require_manager,
)
from governance.privacy.types import (
    ASKED_FOR,
    COMING,
    ErasureBasis,
    ErasureState,
    Preview,
    Subject,
    SubjectKind,
)
from orchestra.core.actors import Actor, system
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError, InvalidInputError, NotFoundError
from orchestra.core.locking import lock, take_turn

ERASE_TASK = "governance.privacy.erase"
ERASURE = system("erasure")


def ask_erasure(
    *, actor: Actor, now: datetime, text: str, basis: ErasureBasis, reference: str
) -> Erasure:
    """Ask that the personal data of a customer, or of an unbound case, is erased.

    Args:
        actor: A compliance officer or an administrator.
        now: The moment of the act.
        text: The customer's reference, or the label of a case.
        basis: On what ground.
        reference: Of the person's request or the matter; it stays on record.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is nobody by that name; nothing changes.
        InvalidInputError: The reference is missing, or there is nothing to erase.
        ConflictError: A legal hold covers it, something has to end first, or it is asked already.
    """
    require_manager(actor)
    texts = read_texts(reference=(reference, 200))
    with one_act():
        take_turn(TURN)
        subject = selectors.find_subject(text)
        if subject is None:
            raise selectors.no_subject()
        found = selectors.preview(subject)
        require_free(found)
        if not found.total:
            raise InvalidInputError(
                _("There is no personal data of %(label)s left to erase.")
                % {"label": subject.label},
                code="privacy.nothing_held",
            )
        erasure = _asked(actor, now, subject, found, basis, texts["reference"])
        record_erasure(actor, now, erasure, entries.ERASURE_ASKED, total=found.total)
    return erasure


def confirm_erasure(
    *, actor: Actor, now: datetime, erasure_id: UUID, proof: StepUpProof | None
) -> Erasure:
    """Confirm an erasure that another person asked for; it is carried out, and never undone.

    Raises:
        NotPermittedError: The actor may not, asked for it, or gave no fresh proof.
        NotFoundError: There is no such erasure.
        ConflictError: It does not wait to be confirmed, or something stands against it by now.
    """
    require_manager(actor)
    require_proof(proof, now)
    with one_act():
        take_turn(TURN)
        erasure = _locked(erasure_id)
        require_another(actor, erasure.asked_by_id)
        if erasure.deadline_at <= now:
            raise _moved_on(erasure)
        require_free(selectors.preview(subject_of(erasure)))
        erasure.state, erasure.confirmed_at = ErasureState.CONFIRMED, now
        erasure.confirmed_by = person_of(actor)
        erasure.save(update_fields=["state", "confirmed_at", "confirmed_by"])
        record_erasure(actor, now, erasure, entries.ERASURE_CONFIRMED)
        enqueue(ERASE_TASK, erasure.pk)
    return erasure


def withdraw_erasure(*, actor: Actor, now: datetime, erasure_id: UUID) -> Erasure:
    """Take back an erasure that nobody confirmed; one person is enough.

    Raises:
        NotPermittedError: The actor may not.
        NotFoundError: There is no such erasure.
        ConflictError: It was confirmed, or ended.
    """
    require_manager(actor)
    with one_act():
        erasure = _locked(erasure_id)
        end(erasure, ErasureState.WITHDRAWN, now)
        record_erasure(actor, now, erasure, entries.ERASURE_WITHDRAWN)
    return erasure


def expire_erasures(*, now: datetime, batch: int = 200) -> int:
    """End the erasures that nobody confirmed in time; return how many."""
    due = Erasure.objects.filter(state=ErasureState.ASKED, deadline_at__lte=now)
    with one_act():
        keys = list(due.order_by("pk").values_list("pk", flat=True)[:batch])
        rows = lock(due.filter(pk__in=keys))
        for erasure in rows:
            end(erasure, ErasureState.EXPIRED, now)
            record_erasure(ERASURE, now, erasure, entries.ERASURE_EXPIRED)
    return len(rows)


def require_free(found: Preview) -> None:
    """Refuse an erasure that something stands against; all of it is named.

    Raises:
        ConflictError: A legal hold covers the subject, or something has to end first.
    """
    if found.holds:
        raise ConflictError(
            ngettext(
                "%(label)s is under legal hold %(holds)s. Nothing is erased until it is lifted.",
                "%(label)s is under legal holds %(holds)s. Nothing is erased until all are lifted.",
                len(found.holds),
            )
            % {"label": found.subject.label, "holds": ", ".join(found.holds)},
            code="privacy.under_hold",
            data={"holds": list(found.holds)},
        )
    if found.obstacles:
        raise ConflictError(
            _("This has to end first: %(obstacles)s Nothing was changed.")
            % {"obstacles": " ".join(found.obstacles)},
            code="privacy.still_open",
            data={"obstacles": list(found.obstacles)},
        )


def subject_of(erasure: Erasure) -> Subject:
    """Return whose data an erasure takes, as it stands now.

    Raises:
        NotFoundError: The subject is gone.
    """
    found = selectors.get_subject(SubjectKind(erasure.subject_kind), erasure.subject_id)
    if found is None:
        raise selectors.no_subject()
    return found


def end(erasure: Erasure, state: ErasureState, now: datetime, **changes: object) -> None:
    """End an erasure that is locked."""
    for name, value in {"state": state, "ended_at": now, **changes}.items():
        setattr(erasure, name, value)
    erasure.save(update_fields=["state", "ended_at", *changes])


def record_erasure(
    actor: Actor, now: datetime, erasure: Erasure, kind: str, **more: str | int
) -> None:
    """Append the entry of an act on an erasure; it names nobody."""
    payload = {
        "label": erasure.label,
        "number": erasure.number,
        "basis": erasure.basis,
        "reference": erasure.reference,
        **more,
    }
    subject = ("erasure", str(erasure.public_id))
    record(actor=actor, now=now, kind=kind, payload=payload, subject=subject)


def _asked(
    actor: Actor,
    now: datetime,
    subject: Subject,
    found: Preview,
    basis: ErasureBasis,
    reference: str,
) -> Erasure:
    erasure = Erasure(
        subject_kind=subject.kind,
        subject_id=subject.id,
        label=subject.label,
        cases=[case.label for case in subject.cases],
        basis=basis,
        reference=reference,
        previewed={one.code: one.count for one in found.held},
        asked_by=person_of(actor),
        asked_at=now,
        deadline_at=now + ASKED_FOR,
    )
    try:
        with transaction.atomic():
            erasure.save(force_insert=True)
    except IntegrityError:
        coming = Erasure.objects.get(subject_id=subject.id, state__in=COMING)
        raise ConflictError(
            _("The erasure of %(label)s is asked for already: %(number)s.")
            % {"label": subject.label, "number": coming.number},
            code="privacy.asked_already",
        ) from None
    return erasure


def _locked(erasure_id: UUID) -> Erasure:
    rows = lock(Erasure.objects.filter(public_id=erasure_id))
    if not rows:
        raise NotFoundError(_("There is no such erasure. Nothing was changed."))
    if rows[0].state != ErasureState.ASKED:
        raise _moved_on(rows[0])
    return rows[0]


def _moved_on(erasure: Erasure) -> ConflictError:
    return ConflictError(
        _("The erasure %(number)s moved on since you looked. Nothing was changed.")
        % {"number": erasure.number},
        code="privacy.erasure_moved_on",
    )
