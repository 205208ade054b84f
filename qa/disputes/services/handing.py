"""Hand a dispute to another lead, with a reason and the deadline it has."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError
from orchestra.core.locking import compare_and_set
from qa.disputes import entries
from qa.disputes.models import Dispute
from qa.disputes.rules import check_decider, why_unfit
from qa.disputes.selectors import judged_in, list_leads, reviewer_of
from qa.disputes.services.deciding import locked_dispute, require_undecided
from qa.disputes.types import DisputeState, Unfit
from qa.reviewing.services.common import checked_reason, record

#: What is said of a lead who cannot be given a dispute.
WORDS: Final = {
    Unfit.SCORED: _lazy("%(name)s scored this review. Choose another lead."),
    Unfit.WORKED: _lazy("This is about the work of %(name)s. Choose another lead."),
    Unfit.OWNS: _lazy("%(name)s owns this AI. Choose another lead."),
    Unfit.HAS_IT: _lazy("%(name)s has this dispute already. Nothing was changed."),
}


@one_act()
def hand_dispute(
    *, actor: Actor, now: datetime, dispute_id: UUID | str, lead_id: str, reason: str
) -> Dispute:
    """Give a dispute to another lead; the deadline stays what it was for both voices.

    Never to who reviewed, is judged by it, or owns the AI that is; and none of them gives it.

    Raises:
        NotPermittedError: The actor does not lead quality, or has a part in it.
        NotFoundError: There is no such dispute.
        ConflictError: It was decided, or the other lead has a part in it or has it already.
        InvalidInputError: The other person does not lead quality, or no reason is given.
    """
    require(authority=authority_of(actor), capability=Capability.QUALITY_LEAD)
    dispute = locked_dispute(dispute_id)
    reviewer, judged = reviewer_of(dispute.review), judged_in(dispute.review)
    check_decider(person=actor.id, reviewer=reviewer, judged=judged)
    require_undecided(dispute)
    lead = next((one for one in list_leads() if str(one.public_id) == lead_id), None)
    if lead is None:
        message = _("Choose somebody who leads quality.")
        raise InvalidInputError(message, errors=[FieldError("lead", "choice", message)])
    current = str(dispute.lead.public_id) if dispute.lead else ""
    unfit = why_unfit(person=lead_id, current=current, reviewer=reviewer, judged=judged)
    if unfit is not None:
        raise ConflictError(WORDS[unfit] % {"name": lead.label}, code=f"dispute.{unfit}")
    said = checked_reason(reason)
    compare_and_set(
        dispute,
        expected={"state": DisputeState.OPEN, "lead_id": dispute.lead_id},
        changes={"lead": lead, "asked": [*dispute.asked, lead_id]},
        actor=actor,
    )
    record(
        actor=actor,
        now=now,
        review=dispute.review,
        kind=entries.HANDED,
        payload={
            "lead": lead.label,
            "lead_id": lead_id,
            "reason": said,
            "dispute": str(dispute.public_id),
        },
    )
    return dispute
