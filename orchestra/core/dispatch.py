"""Ring the doorbell: enqueue a named task after commit.

The row is the truth. A lost message costs delay, never work, because a sweep finds what
was missed; so a broker that does not answer is logged and otherwise ignored.
"""

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from orchestra.core.registry import Registry

log = structlog.get_logger(__name__)

#: Task names that services may ring for; filled by the apps at start-up, checked by a
#: system check against the tasks Celery knows.
task_names: Registry[str] = Registry("task name")


def enqueue(name: str, *args: str | int) -> None:
    """Send a task once the running transaction has committed.

    Args:
        name: Registered task name.
        args: Ids; nothing else travels in a message.

    Raises:
        LookupError: The name is not registered.
    """
    task_names.get(name)
    transaction.on_commit(lambda: _send(name, args))


def _send(name: str, args: tuple[str | int, ...]) -> None:
    try:
        current_app.send_task(name, args=args)
    except _unreachable() as error:
        log.warning("dispatch.broker_unreachable", task=name, error=type(error).__name__)


def _unreachable() -> tuple[type[Exception], ...]:
    """Return what a broker that is gone raises, whatever its transport."""
    return (OSError, OperationalError, *current_app.connection_for_write().connection_errors)
