"""Write down that a worker took work."""

from datetime import datetime

from governance.liveness.models import WorkerSign


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
