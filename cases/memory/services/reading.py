"""Record who opened which case."""

from datetime import datetime

from cases.memory import entries
from cases.memory.models import Case
from cases.memory.services.common import append, locked
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor


@one_act()
def record_read(*, actor: Actor, now: datetime, case: Case, unmasked: bool = False) -> None:
    """Append that somebody opened a case, and whether personal data was shown unmasked.

    Raises:
        NotFoundError: The actor may not see the case.
    """
    row = locked(actor=actor, case=case, capability=Capability.CASE_READ)
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.CASE_READ,
        payload={"case": row.label, "unmasked": unmasked},
    )
