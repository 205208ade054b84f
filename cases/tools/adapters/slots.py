"""So many calls at the same time on one connection, over all processes.

A slot is a row that is taken by a conditional update, which holds on either database; a
process that died gives its slot back when the time of its call is over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from cases.tools.connecting import ConnectionSpec
from cases.tools.models import ConnectionSlot
from cases.tools.types import BUSY
from orchestra.core import clock
from orchestra.core.errors import UpstreamError

#: A slot is held somewhat longer than its call can take.
SPARE_SECONDS = 5.0


@contextmanager
def slot(spec: ConnectionSpec, *, seconds: float) -> Iterator[None]:
    """Hold a slot of a connection; without a bound nothing is asked of the database.

    Args:
        spec: The connection.
        seconds: How long the call can take.

    Raises:
        UpstreamError: All are taken; nothing was sent, and it may be tried later.
    """
    if not spec.max_concurrent:
        yield
        return
    holder = str(uuid4())
    now = clock.now()
    until = now + timedelta(seconds=seconds + SPARE_SECONDS)
    if not any(_take(spec.key, n, holder, now, until) for n in range(spec.max_concurrent)):
        raise UpstreamError(
            f"{spec.key} has as many calls as it allows at a time; nothing was sent.",
            may_retry=True,
            code=BUSY,
        )
    try:
        yield
    finally:
        ConnectionSlot.objects.filter(connection_key=spec.key, holder=holder).update(
            held_until_at=now, holder=""
        )


def _take(key: str, number: int, holder: str, now: datetime, until: datetime) -> bool:
    rows = ConnectionSlot.objects.filter(connection_key=key, number=number)
    if rows.filter(held_until_at__lte=now).update(holder=holder, held_until_at=until):
        return True
    if rows.exists():
        return False
    made = ConnectionSlot(connection_key=key, number=number, holder=holder, held_until_at=until)
    # Of two that make the row at once, one finds it made and goes on to the next.
    ConnectionSlot.objects.bulk_create([made], ignore_conflicts=True)
    return rows.filter(holder=holder).exists()
