"""Where one digest stands."""

from enum import StrEnum


class DigestState(StrEnum):
    """Where the mail of one person and week stands; the last two are final."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
