"""Take one case into another, and give it back exactly as it was."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cases.memory import entries
from cases.memory.locks import lock_case
from cases.memory.merging import Side, merge_obstacles, opened_after_merge
from cases.memory.models import Case, CaseMerge
from cases.memory.services.common import append, locked, require_reason
from cases.memory.subjects import is_erased, subject_of_case
from cases.memory.types import CaseAct, CaseStatus, Channel, VerificationLevel
from governance.access.types import Capability
from governance.ledger.services import one_act
from governance.privacy.selectors import holds_on
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotPermittedError
from orchestra.core.locking import compare_and_set


def lock_both(*, actor: Actor, survivor: Case, absorbed: Case) -> tuple[Case, Case]:
    """Lock two cases in one order, whichever survives, once the actor may work both.

    Raises:
        NotPermittedError: The actor is no person, or may not work one of them.
        NotFoundError: The actor may not see one of them.
        ConflictError: One stands where it cannot be merged.
    """
    if not actor.is_human:
        raise NotPermittedError(_("Only a person merges cases or takes a merge back."))
    for one in sorted((survivor, absorbed), key=lambda case: case.pk):
        lock_case(one.public_id)
    rows = [
        locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=act)
        for case, act in ((survivor, CaseAct.TAKE_IN), (absorbed, CaseAct.MERGE))
    ]
    return rows[0], rows[1]


def side_of(case: Case, **work: object) -> Side:
    """Return a locked case as the rule sees it.

    Args:
        case: The case.
        work: What the rooms above know of its journeys; fields of ``Side``.
    """
    absorbed = Case.objects.filter(merged_into=case).order_by("pk")
    return Side(
        pk=case.pk,
        label=case.label,
        status=CaseStatus(case.status),
        channel=Channel(case.channel),
        customer=case.customer_id,
        verification=VerificationLevel(case.verification),
        is_held=bool(holds_on(subject_of_case(case))),
        is_erased=is_erased(case),
        absorbed=tuple(one.label for one in absorbed),
        **work,  # type: ignore[arg-type]
    )


def merge_locked(
    *,
    actor: Actor,
    now: datetime,
    sides: tuple[Side, Side],
    cases: tuple[Case, Case],
    reason: str,
    paused: Sequence[UUID],
) -> CaseMerge:
    """Make two locked cases one, as a part of a larger act.

    Messages, evidence and facts stay where they are and are read together; only the survivor's
    opening moves. The absorbed case is not resolved by this, and nothing can be done to it.

    Args:
        actor: Who merges.
        now: When.
        sides: The survivor and the absorbed case as values.
        cases: The same as rows.
        reason: Why.
        paused: Public ids of the absorbed case's journeys that the caller pauses.

    Raises:
        ConflictError: They may not be made one; the message says what to do.
        InvalidInputError: The reason is missing.
    """
    reason = require_reason(reason)
    obstacles = merge_obstacles(survivor=sides[0], absorbed=sides[1])
    if obstacles:
        code, message = obstacles[0]
        says = [said for _code, said in obstacles]
        raise ConflictError(message, code=f"conflict.{code}", data={"obstacles": says})
    survivor, absorbed = cases
    merge = CaseMerge.objects.create(
        survivor=survivor,
        absorbed=absorbed,
        reason=reason,
        by_kind=actor.kind,
        by_id=actor.id,
        by_label=actor.label,
        at=now,
        survivor_opened_at=_own_opening(survivor),
        absorbed_status=absorbed.status,
        paused=[str(one) for one in paused],
    )
    changes = {"status": CaseStatus.MERGED, "merged_into": survivor}
    compare_and_set(
        absorbed,
        expected={"status": absorbed.status},
        changes=changes,
        actor=actor,
        reason=reason,
    )
    _open_at(actor, survivor, min(survivor.opened_at, absorbed.opened_at), reason)
    told = {"reason": reason, "survivor": survivor.label, "absorbed": absorbed.label}
    _append_both(actor, now, merge, (entries.CASE_MERGED, entries.CASE_TOOK_IN), told)
    return merge


@one_act()
def lock_merge(*, actor: Actor, absorbed: Case) -> CaseMerge:
    """Return the standing merge of a case, both cases locked, once the actor may work both.

    Raises:
        NotPermittedError: The actor is no person, or may not work one of them.
        ConflictError: The case is merged into none, or its survivor is closed.
    """
    if not actor.is_human:
        raise NotPermittedError(_("Only a person merges cases or takes a merge back."))
    merge = CaseMerge.objects.filter(absorbed__pk=absorbed.pk, undone_at=None).first()
    if merge is None:
        locked(actor=actor, case=absorbed, capability=Capability.CASE_WORK)
        raise ConflictError(
            _("%(case)s is merged into no other case.") % {"case": absorbed.label},
            code="conflict.not_merged",
        )
    pair = Case.objects.filter(pk__in=[merge.survivor_id, merge.absorbed_id]).order_by("pk")
    rows = {
        case.pk: locked(actor=actor, case=case, capability=Capability.CASE_WORK) for case in pair
    }
    found = CaseMerge.objects.filter(pk=merge.pk, undone_at=None).first()
    if found is None:
        raise ConflictError(_("Somebody took this merge back."), code="conflict.not_merged")
    found.survivor, found.absorbed = rows[found.survivor_id], rows[found.absorbed_id]
    if found.survivor.status == CaseStatus.CLOSED:
        raise ConflictError(
            _("%(case)s is closed; reopen it first.") % {"case": found.survivor.label},
            code="conflict.case_closed",
        )
    return found


def unmerge_locked(*, actor: Actor, now: datetime, merge: CaseMerge, reason: str) -> Case:
    """Give the absorbed case of a locked merge back as it was, as a part of a larger act.

    What was done on the survivor since stays with the survivor.
    """
    reason = require_reason(reason)
    survivor, absorbed = merge.survivor, merge.absorbed
    compare_and_set(
        absorbed,
        expected={"status": CaseStatus.MERGED},
        changes={"status": merge.absorbed_status, "merged_into": None},
        actor=actor,
        reason=reason,
    )
    merge.undone_at = now
    merge.save(update_fields=["undone_at"])
    others = Case.objects.filter(merged_into=survivor).values_list("opened_at", flat=True)
    opening = opened_after_merge(openings=[merge.survivor_opened_at, *others])
    _open_at(actor, survivor, opening, reason)
    told = {
        "reason": reason,
        "survivor": survivor.label,
        "absorbed": absorbed.label,
        "status": merge.absorbed_status,
    }
    _append_both(actor, now, merge, (entries.CASE_UNMERGED, entries.CASE_GAVE_BACK), told)
    return absorbed


def _own_opening(survivor: Case) -> datetime:
    """Return when a case was opened itself, whatever it took in since."""
    earlier = CaseMerge.objects.filter(survivor=survivor, undone_at=None).first()
    return survivor.opened_at if earlier is None else earlier.survivor_opened_at


def _open_at(actor: Actor, case: Case, opened_at: datetime, reason: str) -> None:
    if case.opened_at != opened_at:
        compare_and_set(
            case,
            expected={"opened_at": case.opened_at},
            changes={"opened_at": opened_at},
            actor=actor,
            reason=reason,
        )


def _append_both(
    actor: Actor, now: datetime, merge: CaseMerge, kinds: tuple[str, str], told: dict[str, str]
) -> None:
    """Append to the absorbed case's stream, then to the survivor's; each names the other."""
    sides = (merge.absorbed, merge.survivor), (merge.survivor, merge.absorbed)
    for kind, (case, other) in zip(kinds, sides, strict=True):
        append(
            actor=actor,
            now=now,
            case=case,
            kind=kind,
            payload=told,
            subject=("case", str(other.public_id)),
        )
