"""The Celery app; its schedule is data in settings (CELERY_BEAT_SCHEDULE)."""

import os
from typing import Any

import structlog
from celery import Celery, Task, signals
from django.db import close_old_connections

from orchestra import broker
from orchestra.core.origin import Channel, Origin, coming_from

broker.register()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orchestra.settings.local")


class WorkerTask(Task):
    """A task whose acts say that a worker did them."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task; Celery calls this in a worker."""
        named = {"task": self.name, "task_id": self.request.id or ""}
        with (
            coming_from(Origin(Channel.WORKER)),
            structlog.contextvars.bound_contextvars(**named, channel=str(Channel.WORKER)),
        ):
            return self.run(*args, **kwargs)


app = Celery("orchestra", task_cls=WorkerTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["governance", "cases", "qa"])


@signals.task_prerun.connect
@signals.task_postrun.connect
def let_old_connections_go(sender: Task, **kwargs: object) -> None:
    """Keep a worker's database connection from task to task, as requests do, while it works."""
    del kwargs
    if not sender.request.is_eager:
        close_old_connections()
