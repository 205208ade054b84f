"""Reads of handoffs, filtered by what the reader may see."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cases.handoff.models import Handoff
from cases.handoff.types import HandoffState, Pass
from cases.memory.models import Case
from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability, Role
from governance.skills.models import SkillHolding
from orchestra.core.errors import NotFoundError


def get_handoff(*, authority: Authority, handoff_id: UUID | str) -> Handoff:
    """Return a handoff with its case, queue and the person who took it.

    Args:
        authority: What the reader holds.
        handoff_id: Public id.

    Raises:
        NotFoundError: There is none, or the reader may see neither its queue nor its case.
    """
    try:
        wanted = handoff_id if isinstance(handoff_id, UUID) else UUID(handoff_id)
    except ValueError:
        raise not_found() from None
    found = _visible(authority, Capability.CASE_READ).filter(public_id=wanted).first()
    if found is None:
        raise not_found()
    return found


def list_waiting(*, authority: Authority) -> QuerySet[Handoff]:
    """Return the handoffs nobody took that the reader may take, earliest due first.

    Of queues they may accept for, and asking for no skill they lack.
    """
    waiting = _visible(authority, Capability.HANDOFF_ACCEPT).filter(state=HandoffState.OFFERED)
    return for_skills(waiting, authority=authority).order_by("reply_due_at", "pk")


def may_take(*, authority: Authority) -> Q:
    """Return the condition for those of the handoffs nobody took that the reader may take."""
    queues = readable_queue_ids(authority, Capability.HANDOFF_ACCEPT)
    here = Q(pk__isnull=False) if queues is None else Q(queue_id__in=queues)
    return here & _lacks_no_skill(authority)


def for_skills(rows: QuerySet[Handoff], *, authority: Authority) -> QuerySet[Handoff]:
    """Return those of some handoffs that ask for no skill a person lacks; a supervisor's all."""
    return rows.filter(_lacks_no_skill(authority))


def _lacks_no_skill(authority: Authority) -> Q:
    if Role.SUPERVISOR in authority.roles:
        return Q()
    held = SkillHolding.objects.filter(user__public_id=authority.actor.id).values("skill_id")
    asked = Handoff.skills.through.objects.filter(handoff=OuterRef("pk"), skill__retired_at=None)
    return Q(~Exists(asked.exclude(skill_id__in=held)))


def list_handoffs(*, case: Case) -> QuerySet[Handoff]:
    """Return the handoffs of a case, oldest first."""
    rows = Handoff.objects.filter(case=case).select_related("queue", "accepted_by", "to_person")
    return rows.order_by("pk")


def list_passes(*, case: Case) -> list[Pass]:
    """Return every change of owner that handoffs brought about in a case: one query."""
    rows = Handoff.objects.filter(case=case, accepted_by__isnull=False).order_by("pk")
    passes = []
    for giver, taker, state in rows.values_list("from_id", "accepted_by__public_id", "state"):
        passes.append(Pass(giver=giver, taker=str(taker)))
        if state == HandoffState.RETURNED:
            passes.append(Pass(giver=str(taker), taker=giver))
    return passes


def list_overdue(*, now: datetime, batch: int) -> list[UUID]:
    """Return the handoffs nobody took in time and for which somebody else can be asked."""
    rows = Handoff.objects.filter(
        state=HandoffState.OFFERED, is_late=False, reply_due_at__lte=now
    ).order_by("reply_due_at", "pk")
    return list(rows.values_list("public_id", flat=True)[:batch])


def find_latest_handoff(*, case: Case) -> Handoff | None:
    """Return the handoff of a case that counts now: the newest, or None."""
    return list_handoffs(case=case).last()


def not_found() -> NotFoundError:
    """Return the one answer for handoffs that are absent and those that may not be seen."""
    return NotFoundError(
        _("There is no such handoff, or you may not see it."), code="not_found.handoff"
    )


def _visible(authority: Authority, capability: Capability) -> QuerySet[Handoff]:
    rows = Handoff.objects.select_related(
        "queue", "accepted_by", "to_person", "case__queue", "case__customer", "case__holder"
    )
    queues = readable_queue_ids(authority, capability)
    return rows if queues is None else rows.filter(queue_id__in=queues)
