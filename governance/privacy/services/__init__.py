"""Acts on legal holds."""

from governance.privacy.services.holding import (
    Cover,
    ask_hold,
    ask_lift,
    confirm_hold,
    keep_hold,
    lift_hold,
    withdraw_hold,
)

__all__ = [
    "Cover",
    "ask_hold",
    "ask_lift",
    "confirm_hold",
    "keep_hold",
    "lift_hold",
    "withdraw_hold",
]
