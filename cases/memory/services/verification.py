"""Record who confirmed or claimed a customer's identity, and withdraw it openly."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cases.memory import entries
from cases.memory.models import Case, Verification
from cases.memory.rules import (
    citation_errors,
    length_errors,
    level_after,
    recorded_level,
    trust_of,
)
from cases.memory.selectors import cited_ids
from cases.memory.services.common import (
    append,
    locked,
    refuse_bad_text,
    refuse_errors,
    require_reason,
)
from cases.memory.services.customers import bind_locked, check_customer, refuse_other_customer
from cases.memory.types import CaseAct, Trust, VerificationClaim, VerificationLevel
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError, NotPermittedError
from orchestra.core.locking import compare_and_set


def record_verification(  # noqa: PLR0913  the verifying tool and the API both name each value
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    level: VerificationLevel,
    method: str,
    trust: Trust,
    customer_ref: str = "",
    customer_name: str = "",
    tool_call_id: str = "",
    evidence: Sequence[str] = (),
) -> Verification:
    """Record that the customer's identity was claimed or confirmed; see ``record_claim``."""
    claim = VerificationClaim(
        level=level,
        method=method,
        trust=trust,
        customer_ref=customer_ref,
        customer_name=customer_name,
        tool_call_id=tool_call_id,
        evidence=tuple(evidence),
    )
    return record_claim(actor=actor, now=now, case=case, claim=claim)


@one_act()
def record_claim(
    *, actor: Actor, now: datetime, case: Case, claim: VerificationClaim
) -> Verification:
    """Record what is said about who the customer is.

    What an AI agent posts is stored as claimed and satisfies no floor. The case's level
    rises by a tool that verifies (recorded by the system, naming the call) or by a person
    with the capability; it never falls by being recorded. A confirmed one binds the customer.

    Raises:
        InvalidInputError: The method, the level, the customer or the evidence is not
            acceptable.
        NotPermittedError: The actor may not verify customers here.
        ConflictError: It names another customer than the case is bound to.
    """
    _check(actor, claim)
    trust = trust_of(actor_kind=actor.kind, asserted=claim.trust)
    claimed = trust is Trust.CLAIMED
    row = locked(
        actor=actor,
        case=case,
        capability=Capability.CASE_WORK if claimed else Capability.CUSTOMER_VERIFY,
        act=CaseAct.VERIFY,
    )
    refuse_other_customer(case=row, ref=claim.customer_ref)
    evidence = _cited(row, claim)
    if not claimed:
        bind_locked(
            actor=actor, now=now, case=row, ref=claim.customer_ref, name=claim.customer_name
        )
    level = recorded_level(trust=trust, asserted=claim.level)
    verification = Verification.objects.create(
        case=row,
        customer=row.customer,
        level=level,
        method=claim.method,
        trust=trust,
        by_kind=actor.kind,
        by_id=actor.id,
        by_label=actor.label,
        tool_call_id_text=claim.tool_call_id,
        evidence=evidence,
        at=now,
    )
    _raise_level(actor, row, level)
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.VERIFICATION_RECORDED,
        payload={
            "level": str(level),
            "asserted": str(claim.level),
            "trust": str(trust),
            "method": claim.method,
            "customer": {"ref": claim.customer_ref, "name": claim.customer_name},
            "customer_id": str(row.customer.public_id) if row.customer else "",
            "tool_call": claim.tool_call_id,
            "evidence": evidence,
            "stands": str(row.verification),
        },
        subject=("verification", str(verification.public_id)),
    )
    return verification


def _check(actor: Actor, claim: VerificationClaim) -> None:
    refuse_bad_text(method=claim.method)
    check_customer(claim.customer_ref, claim.customer_name)
    errors = length_errors({"method": (claim.method, 100)})
    if not claim.method.strip():
        errors.append(FieldError("method", "blank", _("Say how the customer was verified.")))
    if claim.level is VerificationLevel.NONE:
        errors.append(FieldError("level", "choice", _("level is claimed, basic or strong.")))
    refuse_errors(_("The verification cannot be recorded."), errors)
    by_tool = claim.trust is Trust.TOOL_CONFIRMED and not (actor.is_agent or actor.is_human)
    if by_tool and not claim.tool_call_id:
        message = _("A verification by a tool names the tool call.")
        raise InvalidInputError(message, errors=[FieldError("tool_call_id", "blank", message)])


def _cited(case: Case, claim: VerificationClaim) -> list[str]:
    """Return the cited ids once each, as the record spells them.

    Raises:
        InvalidInputError: There are too many, or one names nothing in this case.
    """
    refuse_errors(
        _("The verification cannot be recorded."),
        citation_errors(cited=claim.evidence, known=cited_ids(case=case, cited=claim.evidence)),
    )
    return list(dict.fromkeys(str(UUID(one)) for one in claim.evidence))


def _raise_level(actor: Actor, case: Case, level: VerificationLevel) -> None:
    present = VerificationLevel(case.verification)
    after = level_after(present=present, recorded=level)
    if after is present:
        return
    compare_and_set(
        case,
        expected={"verification": present},
        changes={"verification": after},
        actor=actor,
        reason="verification recorded",
    )


@one_act()
def withdraw_verification(*, actor: Actor, now: datetime, case: Case, reason: str) -> Case:
    """Take a verification back, with the reason; the customer has to be verified again.

    Raises:
        NotPermittedError: Only a person with the capability takes a verification back.
        InvalidInputError: The reason is missing.
    """
    reason = require_reason(reason)
    row = locked(actor=actor, case=case, capability=Capability.CUSTOMER_VERIFY, act=CaseAct.VERIFY)
    if actor.is_agent:
        raise NotPermittedError(_("Only a person takes a verification back."))
    withdraw_locked(actor=actor, now=now, case=row, reason=reason)
    return row


def withdraw_locked(*, actor: Actor, now: datetime, case: Case, reason: str) -> None:
    """Set the verification of a locked case to none, with its entry."""
    before = case.verification
    compare_and_set(
        case,
        expected={"verification": before},
        changes={"verification": VerificationLevel.NONE},
        actor=actor,
        reason=reason,
    )
    append(
        actor=actor,
        now=now,
        case=case,
        kind=entries.VERIFICATION_WITHDRAWN,
        payload={"before": str(before), "reason": reason},
    )
