"""Record who opened which case."""

from datetime import datetime

from cases.memory import entries
from cases.memory.models import Case
from cases.memory.services.common import append, locked
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.clock import rfc3339


@one_act()
def record_read(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    unmasked: bool = False,
    moment: datetime | None = None,
) -> None:
    """Append that somebody opened a case, and whether personal data was shown unmasked.

    Args:
        actor: Who looked.
        now: When.
        case: The case.
        unmasked: Whether personal data was shown as recorded.
        moment: As of when it was shown; None for as it stands.

    Raises:
        NotFoundError: The actor may not see the case.
    """
    row = locked(actor=actor, case=case, capability=Capability.CASE_READ)
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.CASE_READ,
        payload={
            "case": row.label,
            "unmasked": unmasked,
            **({"moment": rfc3339(moment)} if moment else {}),
        },
    )
