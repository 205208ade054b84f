"""Record who opened which case."""

from datetime import datetime

from cases.memory import entries
from cases.memory.locks import not_found, refuse_gated
from cases.memory.models import Case
from cases.memory.services.common import append
from governance.access.rules import may
from governance.access.types import Authority, Capability
from governance.ledger.services import one_act
from orchestra.core.clock import rfc3339


@one_act()
def record_read(
    *,
    authority: Authority,
    now: datetime,
    case: Case,
    unmasked: bool = False,
    moment: datetime | None = None,
) -> None:
    """Append that somebody opened a case, and whether personal data was shown unmasked.

    Nothing of the case changes and nothing is decided again: what was shown went by the same
    authority, so the case is not locked, and whoever reads holds up nobody who works on it.

    Args:
        authority: What who looked held when the case was read for them.
        now: When.
        case: The case as it was read.
        unmasked: Whether personal data was shown as recorded.
        moment: As of when it was shown; None for as it stands.

    Raises:
        NotFoundError: They may not see the case.
        NotPermittedError: An AI agent asks, and a critical risk took the case to people.
    """
    if not may(authority, Capability.CASE_READ, case.queue_id):
        raise not_found()
    refuse_gated(actor=authority.actor, case=case)
    append(
        actor=authority.actor,
        now=now,
        case=case,
        kind=entries.CASE_READ,
        payload={
            "case": case.label,
            "unmasked": unmasked,
            **({"moment": rfc3339(moment)} if moment else {}),
        },
    )
