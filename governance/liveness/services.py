"""Write down that a worker took work, and how its breakers stand."""

import os
import socket
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, transaction

from governance.liveness.models import BreakerSign, WorkerSign
from governance.liveness.rules import FORGOTTEN_AFTER
from orchestra.core.breaker import Breaker, BreakerState

log = structlog.get_logger(__name__)


def record_sign(*, worker: str, queue: str, now: datetime) -> None:
    """Write that a worker took a sign just now. No act of anybody, so the ledger has no entry.

    Args:
        worker: Name of the worker, as the broker knows it.
        queue: Where the sign was taken from.
        now: When.
    """
    WorkerSign.objects.update_or_create(
        worker=worker[:200], defaults={"queue": queue[:100], "at": now}
    )


def share_breakers(*, read_clock: Callable[[], datetime]) -> int:
    """Write how the breakers of this process stand, where that changed; else nothing is asked.

    No act of anybody, so the ledger has no entry. A database that does not take it is logged:
    what the breaker guards must not fail for it, and the next call tells it again.

    Args:
        read_clock: Tells the time, where there is something to write.

    Returns:
        How many changed.
    """
    changes = Breaker.changes()
    if not changes:
        return 0
    now = read_clock()
    try:
        with transaction.atomic():
            _write(changes, now)
    except DatabaseError as error:
        log.warning("liveness.breakers_not_shared", error=type(error).__name__)
        return 0
    Breaker.told(changes)
    return len(changes)


def _write(changes: dict[str, BreakerState], now: datetime) -> None:
    process = f"{socket.gethostname()[:180]}:{os.getpid()}"
    for key, breaker in changes.items():
        BreakerSign.objects.update_or_create(
            connection_key=key[:100],
            process=process,
            defaults={"state": breaker.state, "failures": breaker.failures, "at": now},
        )
    BreakerSign.objects.filter(at__lt=now - FORGOTTEN_AFTER).delete()
