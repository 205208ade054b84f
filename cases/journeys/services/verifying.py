"""Record who the customer is: by a tool that shows it, or by a person."""

from collections.abc import Sequence
from datetime import datetime

from cases.journeys import entries
from cases.journeys.runner import CONDUCTOR, record_about_call
from cases.journeys.services.conducting import conduct
from cases.memory import services as memory
from cases.memory.models import Case, Verification
from cases.memory.selectors import lock_case
from cases.memory.types import Trust, VerificationLevel
from cases.tools import paths
from cases.tools.models import ToolCall
from cases.tools.selectors import spec_of_call
from cases.tools.types import CallState
from governance.ledger.services import one_act, one_part
from orchestra.core.actors import Actor
from orchestra.core.dispatch import enqueue
from orchestra.core.errors import ConflictError, InvalidInputError

RESUME_TASK = "cases.journeys.resume"


def verify_by_call(*, call: ToolCall, now: datetime) -> bool | None:
    """Record the verification that a succeeded call of a verifying tool brings.

    Returns:
        True once recorded, False where the tool verifies nothing, None where it found another
        customer than the case is bound to.
    """
    verifies = spec_of_call(call).verifies
    if verifies is None:
        return False
    found = paths.resolve(str(verifies["customer"]), root=call.result, reads={})
    if not isinstance(found, str) or not found:
        return None
    names = [
        paths.resolve(str(path), root=call.arguments, reads={}) for path in verifies.get("name", [])
    ]
    try:
        # The conflict must not take the call's own outcome with it.
        with one_part():
            memory.record_verification(
                actor=CONDUCTOR,
                now=now,
                case=call.case,
                level=VerificationLevel(verifies["level"]),
                method=str(verifies["method"]),
                trust=Trust.TOOL_CONFIRMED,
                customer_ref=found,
                customer_name=" ".join(name for name in names if isinstance(name, str)),
                tool_call_id=str(call.public_id),
            )
    except (ConflictError, InvalidInputError) as error:
        record_about_call(
            call=call,
            kind=entries.VERIFICATION_REFUSED,
            now=now,
            payload={"reason": error.message},
        )
        return None
    call.case = lock_case(call.case.public_id)
    _resume_waiting(call.case)
    return True


def _resume_waiting(case: Case) -> None:
    """Ring for the calls that waited for this; a sweep finds them if nobody hears it."""
    waiting = ToolCall.objects.filter(case=case, state=CallState.AWAITING_VERIFICATION)
    if waiting.exists():
        enqueue(RESUME_TASK, case.pk)


@one_act()
def record_verification(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    level: VerificationLevel,
    method: str,
    customer_ref: str = "",
    customer_name: str = "",
    evidence: Sequence[str] = (),
) -> Verification:
    """Record a verification that a person made, or that an AI agent claims.

    Raises:
        InvalidInputError: The level, method, customer or evidence is not acceptable.
        NotPermittedError: The actor may not verify customers here.
        ConflictError: It names another customer than the case is bound to.
    """
    verification = memory.record_verification(
        actor=actor,
        now=now,
        case=case,
        level=level,
        method=method,
        trust=Trust.HUMAN_CONFIRMED if actor.is_human else Trust.CLAIMED,
        customer_ref=customer_ref,
        customer_name=customer_name,
        evidence=evidence,
    )
    row = lock_case(case.public_id)
    conduct(case=row, now=now)
    _resume_waiting(row)
    return verification
