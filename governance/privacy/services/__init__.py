"""Acts on legal holds and erasures."""

from governance.privacy.services.asking import (
    ERASE_TASK,
    ask_erasure,
    confirm_erasure,
    expire_erasures,
    withdraw_erasure,
)
from governance.privacy.services.compacting import compact
from governance.privacy.services.erasing import (
    SubjectMovedOnError,
    erase_subject,
    run_due_erasures,
    run_erasure,
)
from governance.privacy.services.holding import (
    Cover,
    ask_hold,
    ask_lift,
    confirm_hold,
    expire_holds,
    keep_hold,
    lift_hold,
    withdraw_hold,
)

__all__ = [
    "ERASE_TASK",
    "Cover",
    "SubjectMovedOnError",
    "ask_erasure",
    "ask_hold",
    "ask_lift",
    "compact",
    "confirm_erasure",
    "confirm_hold",
    "erase_subject",
    "expire_erasures",
    "expire_holds",
    "keep_hold",
    "lift_hold",
    "run_due_erasures",
    "run_erasure",
    "withdraw_erasure",
    "withdraw_hold",
]
