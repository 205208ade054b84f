"""Everything that changes channels, and everything that takes in what they send."""

from cases.channels.services.early import forget_early
from cases.channels.services.receiving import receive
from cases.channels.services.setting import (
    Made,
    Wanted,
    change_secret,
    create_channel,
    save_channel,
    start_channel,
    stop_channel,
    try_payload,
)

__all__ = [
    "Made",
    "Wanted",
    "change_secret",
    "create_channel",
    "forget_early",
    "receive",
    "save_channel",
    "start_channel",
    "stop_channel",
    "try_payload",
]
