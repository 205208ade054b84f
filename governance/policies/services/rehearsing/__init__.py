"""Rehearse a draft: start, run in steps that a dead worker cannot spoil, cancel, finish."""

from governance.policies.services.rehearsing.running import run_due_rehearsals, run_rehearsal
from governance.policies.services.rehearsing.shadowing import (
    follow_shadows,
    start_shadow,
    stop_shadow,
)
from governance.policies.services.rehearsing.shared import LACKING, REHEARSE_TASK
from governance.policies.services.rehearsing.starting import (
    cancel_rehearsal,
    rehearse_change,
    start_rehearsal,
)

__all__ = [
    "LACKING",
    "REHEARSE_TASK",
    "cancel_rehearsal",
    "follow_shadows",
    "rehearse_change",
    "run_due_rehearsals",
    "run_rehearsal",
    "start_rehearsal",
    "start_shadow",
    "stop_shadow",
]
