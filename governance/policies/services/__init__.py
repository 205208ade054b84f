"""Writes of the policies: decide and record, decide again, publish, retire."""

from governance.policies.services.deciding import (
    Reaffirmation,
    Recorded,
    decide_again,
    decide_and_record,
)
from governance.policies.services.limits import release_limits
from governance.policies.services.publishing import publish_version, retire_policy
from governance.policies.services.rehearsing import (
    cancel_rehearsal,
    follow_shadows,
    rehearse_change,
    run_due_rehearsals,
    run_rehearsal,
    start_rehearsal,
    start_shadow,
    stop_shadow,
)
from governance.policies.services.replaying import judge_record, replay_nightly
from governance.policies.types import ActionScope, LimitKeys, Subject

__all__ = [
    "ActionScope",
    "LimitKeys",
    "Reaffirmation",
    "Recorded",
    "Subject",
    "cancel_rehearsal",
    "decide_again",
    "decide_and_record",
    "follow_shadows",
    "judge_record",
    "publish_version",
    "rehearse_change",
    "release_limits",
    "replay_nightly",
    "retire_policy",
    "run_due_rehearsals",
    "run_rehearsal",
    "start_rehearsal",
    "start_shadow",
    "stop_shadow",
]
