"""Erase what every holder has of a subject, in one transaction, under the ledger's own record."""

from datetime import datetime

from django.db import transaction

from governance.ledger.services import erase_payloads
from governance.ledger.types import Json
from governance.privacy import entries, registry, selectors
from governance.privacy.holders import reach_of
from governance.privacy.models import Erasure
from governance.privacy.services.asking import (
    ERASE_TASK,
    ERASURE,
    end,
    record_erasure,
    require_free,
    subject_of,
)
from governance.privacy.services.common import TURN
from governance.privacy.types import ErasureState, Subject
from orchestra.core.actors import Actor
from orchestra.core.crash import crash_point
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError, NotFoundError
from orchestra.core.locking import lock, take_turn


class SubjectMovedOnError(ConflictError):
    """A case came to the subject while it was erased; nothing was, and it is tried again."""


def run_erasure(*, erasure_pk: int, now: datetime) -> ErasureState | None:
    """Carry out a confirmed erasure, whole or not at all; return where it stands then.

    What stands against it by now stops it: the placing of a hold and an erasure take turns, so
    neither overtakes the other. A worker that dies in it leaves it as it was, to be found again.

    Returns:
        None where it is not confirmed, or was carried out before.
    """
    with transaction.atomic():
        take_turn(TURN)
        rows = lock(Erasure.objects.filter(pk=erasure_pk, state=ErasureState.CONFIRMED))
        if not rows:
            return None
        erasure = rows[0]
        try:
            subject = subject_of(erasure)
            _lock(subject)
            subject = subject_of(erasure)
            require_free(selectors.preview(subject))
        except (ConflictError, NotFoundError) as error:
            end(erasure, ErasureState.STOPPED, now, problem=error.message[:1000])
            record_erasure(ERASURE, now, erasure, entries.ERASURE_STOPPED, problem=error.message)
            return ErasureState.STOPPED
        told: dict[str, Json] = {
            "number": erasure.number,
            "subject": subject.label,
            "basis": erasure.basis,
            "reference": erasure.reference,
        }
        erased = erase_subject(actor=ERASURE, now=now, subject=subject, told=told)
        end(erasure, ErasureState.DONE, now, erased=erased)
        record_erasure(ERASURE, now, erasure, entries.ERASURE_DONE, total=sum(erased.values()))
        crash_point("erasure-before-commit")
    crash_point("erasure-after-commit")
    return ErasureState.DONE


def erase_subject(
    *, actor: Actor, now: datetime, subject: Subject, told: dict[str, Json]
) -> dict[str, int]:
    """Erase what every holder has of a subject, in the transaction that is open, no ``one_act``.

    The caller took the turn of privacy, locked the subject, and knows that nothing stands
    against it. Each stream concerned gets a ``subject.erased`` entry.

    Args:
        actor: In whose name.
        now: When, UTC.
        subject: Whose data.
        told: Basis, reference and the like, for those entries; no personal data.

    Returns:
        How much was erased, by the code of the holder; those that had nothing are left out.

    Raises:
        SubjectMovedOnError: A case came to the subject meanwhile; the transaction has to be
            rolled back.
        RuntimeError: No transaction is open.
    """
    erased = {holder.code: holder.erase(subject, now) for holder in registry.in_order()}
    crash_point("erasure-before-payloads")
    erased["ledger"] = erase_payloads(
        actor=actor,
        now=now,
        reach=reach_of(subject),
        told=told,
        subject=(str(subject.kind), subject.id),
    )
    after = selectors.get_subject(subject.kind, subject.id)
    if after is None or after.case_ids != subject.case_ids:
        raise SubjectMovedOnError("a case came to the subject while it was erased")
    return {code: count for code, count in sorted(erased.items()) if count}


def run_due_erasures() -> int:
    """Ring for the confirmed erasures that no worker carried out; return how many."""
    rows = Erasure.objects.filter(state=ErasureState.CONFIRMED).order_by("pk")
    due = list(rows.values_list("pk", flat=True)[:50])
    with transaction.atomic():
        for pk in due:
            enqueue(ERASE_TASK, pk)
    return len(due)


def _lock(subject: Subject) -> None:
    for name in registry.subjects:
        registry.subjects.get(name).lock(subject)
