"""Passing a matter to somebody outside of the house; the case stays where it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from cases.handoff import entries
from cases.handoff.services.checking import require_own
from cases.handoff.services.common import refuse_length
from cases.handoff.types import Outside
from cases.memory.models import Case
from cases.memory.services.common import append, locked, refuse_bad_text
from cases.memory.types import CaseAct
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError

#: Longest texts, in characters.
LONGEST: Final = {"to": 200, "told": 2_000}
_IN_WORDS: Final = {
    Outside.THEIRS_TO_DO: "it is theirs to do",
    Outside.THEIRS_TO_DECIDE: "it is theirs to decide",
    Outside.THEY_KNOW: "they alone know what is needed",
    Outside.CUSTOMER_ASKED: "the customer asked for it",
}


@dataclass(frozen=True, slots=True)
class Referral:
    """Who outside has the matter now.

    Attributes:
        to: Who, in words, such as a carrier, a manufacturer or an authority.
        reason_code: One of ``Outside``.
        told: What the customer was told.
    """

    to: str
    reason_code: str
    told: str


@one_act()
def refer_outside(*, actor: Actor, now: datetime, case: Case, referral: Referral) -> Case:
    """Record that a matter was passed to somebody outside, and what the customer was told.

    The case stays open with whoever has it; where nothing more is to be done here it is
    resolved as referred. Nothing is sent to anybody.

    Raises:
        InvalidInputError: A text or the reason is not acceptable.
        NotFoundError: The actor may not see the case.
        NotPermittedError: The actor may not hand this case over.
        ConflictError: Somebody else has the case, it waits for somebody, or it is over.
    """
    texts = {"to": referral.to.strip(), "told": referral.told.strip()}
    refuse_bad_text(**texts, reason_code=referral.reason_code)
    for field, text in texts.items():
        refuse_length(field=field, text=text, most=LONGEST[field], needed=True)
    if referral.reason_code not in set(Outside):
        message = _("Say why, by one of these codes: %(all)s.") % {"all": ", ".join(Outside)}
        raise InvalidInputError(message, errors=[FieldError("reason_code", "choice", message)])
    row = locked(actor=actor, case=case, capability=Capability.HANDOFF_OFFER, act=CaseAct.HOLD)
    require_own(actor=actor, case=row)
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.REFERRED_OUTSIDE,
        payload={
            **texts,
            "reason_code": referral.reason_code,
            "reason": _IN_WORDS[Outside(referral.reason_code)],
        },
    )
    return row
