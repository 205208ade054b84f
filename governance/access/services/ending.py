"""Clear away what has ended by itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError
from django.db.models.functions import Now

from governance.access.models import (
    AgentQueueGrant,
    KindGroupGrant,
    KindUserGrant,
    QueueGroupGrant,
    QueueUserGrant,
    RoleHolding,
)
from governance.access.registry import document_grants, tell_lost
from governance.access.services import naming, rows
from governance.access.types import LostBy
from governance.ledger.services import one_act
from orchestra.core.errors import OrchestraError
from orchestra.core.locking import lock

log = structlog.get_logger(__name__)


def grant_models() -> Iterable[Any]:
    """Return every model whose rows give authority."""
    yield from (RoleHolding, QueueUserGrant, QueueGroupGrant, AgentQueueGrant)
    yield from (KindUserGrant, KindGroupGrant)
    for kind in document_grants:
        yield document_grants.get(kind).by_person
        yield document_grants.get(kind).by_role


def end_due(*, now: datetime, batch: int) -> int:
    """Remove the grants whose time is over, each in a transaction of its own.

    They carry nothing since their end came; here they leave, with an entry by the system and
    a history row, and what was voted under them stops counting. One that cannot be removed is
    logged and tried again by the next sweep.

    Args:
        now: The moment of the sweep, for the entries; what is over the database's clock says.
        batch: How many at most, of each kind.

    Returns:
        How many were removed.
    """
    return sum(
        _end(model, pk, now)
        for model in grant_models()
        for pk in _due(model).order_by("until_at", "pk").values_list("pk", flat=True)[:batch]
    )


def _due(model: Any) -> Any:
    return model.objects.filter(until_at__lte=Now())


def _end(model: Any, pk: int, now: datetime) -> bool:
    try:
        with one_act():
            # Somebody may have taken it, or given it longer, since the sweep looked.
            found = lock(_due(model).filter(pk=pk))
            if not found:
                return False
            (row,) = found
            loss = rows.loss_of(row, by=LostBy.ENDED, reason=row.reason)
            kind = naming.ended_kind(row)
            rows.remove(actor=naming.ACCESS, now=now, row=row, kind=kind, reason=row.reason)
            tell_lost(actor=naming.ACCESS, now=now, what=loss)
    except (OrchestraError, DatabaseError, LookupError) as error:
        log.warning("access.end_failed", grant=pk, error=type(error).__name__)
        return False
    return True
