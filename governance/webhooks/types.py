"""Where events are sent, and what became of each, as values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EndpointState(StrEnum):
    """Whether events are sent to an endpoint."""

    ACTIVE = "active"
    STOPPED = "stopped"
    GONE = "gone"


class DeliveryState(StrEnum):
    """Where a delivery stands; the last two are final until somebody replays."""

    WAITING = "waiting"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Verdict(StrEnum):
    """What an answer means for the delivery."""

    DELIVERED = "delivered"
    AGAIN = "again"
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of one attempt.

    Attributes:
        status: HTTP status, 0 where no answer came.
        code: Why it failed, a stable code; empty where it was delivered.
        verdict: What follows.
        not_before: When the receiver asked to be left alone until, UTC.
    """

    status: int
    code: str
    verdict: Verdict
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, ready to leave.

    Attributes:
        message_id: The same at every attempt and replay.
        body: The same bytes at every attempt and replay.
        keys: Raw signing keys in force, the newest first.
    """

    message_id: str
    url: str
    body: bytes
    keys: tuple[bytes, ...]
