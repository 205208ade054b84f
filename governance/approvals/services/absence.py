"""End the claims of people who are away: what waits goes on without them."""

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _

from governance.approvals import entries
from governance.approvals.handed import Absence, list_absences
from governance.approvals.models import ApprovalRequest
from governance.approvals.services.claim import set_claim
from governance.approvals.services.locked import APPROVALS, lock_request, record
from governance.approvals.types import ApprovalState
from governance.ledger.services import one_act
from orchestra.core.clock import rfc3339
from orchestra.core.errors import OrchestraError

log = structlog.get_logger(__name__)


def release_absent(*, now: datetime, batch: int) -> int:
    """End the claims that people held when they let somebody vote in their place.

    Whoever claims a request while away is at the screen, and keeps it. Each in a transaction
    of its own, by the system, and once, also where two sweeps run at once.

    Args:
        now: The moment of the sweep.
        batch: How many at most.

    Returns:
        How many claims were ended.
    """
    away = {one.person_id: one for one in list_absences(now=now)}
    if not away:
        return 0
    held = (
        ApprovalRequest.objects.filter(state=ApprovalState.PENDING, claimed_until_at__gt=now)
        .filter(claimed_by__public_id__in=list(away))
        .order_by("pk")
        .values_list("pk", "claimed_by__public_id", "claimed_until_at")
    )
    due = [
        (pk, away[str(person)])
        for pk, person, until in held
        if _was_before(until, away[str(person)])
    ]
    return sum(_release(pk, absence, now) for pk, absence in due[:batch])


def _was_before(claimed_until_at: datetime | None, absence: Absence) -> bool:
    if claimed_until_at is None:
        return False
    claimed_at = claimed_until_at - timedelta(minutes=settings.ORCHESTRA["CLAIM_MINUTES"])
    return claimed_at <= absence.begins_at


def _release(pk: int, absence: Absence, now: datetime) -> bool:
    try:
        with one_act():
            request = lock_request(pk=pk)
            holder = request.claimed_by
            # They may have given it back, or somebody voted, before this sweep came.
            if (
                request.state != ApprovalState.PENDING
                or holder is None
                or str(holder.public_id) != absence.person_id
                or not _was_before(request.claimed_until_at, absence)
            ):
                return False
            set_claim(request, APPROVALS, now, claimed_by_id=None, claimed_until_at=None)
            record(
                request,
                actor=APPROVALS,
                now=now,
                kind=entries.CLAIM_ENDED,
                payload={
                    "approval_id": str(request.public_id),
                    "holder": absence.person_label,
                    "holder_id": absence.person_id,
                    "stand_in_id": absence.stand_in_id,
                    "until": rfc3339(absence.until_at),
                    "reason": _("%(name)s stands in for them") % {"name": absence.stand_in_label},
                },
            )
    except (OrchestraError, DatabaseError, LookupError) as error:
        log.warning("approvals.release_failed", request=pk, error=type(error).__name__)
        return False
    return True
