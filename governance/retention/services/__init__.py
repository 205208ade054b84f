"""Acts of retention: set a period, ask for a run, and run."""

from governance.retention.services.running import (
    RETENTION_TASK,
    run_due,
    run_retention,
    run_whole,
    start_run,
)
from governance.retention.services.setting import set_period

__all__ = [
    "RETENTION_TASK",
    "run_due",
    "run_retention",
    "run_whole",
    "set_period",
    "start_run",
]
