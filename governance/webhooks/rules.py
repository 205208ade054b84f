"""How a webhook is written, signed and tried again; pure.

Source: Standard Webhooks 1.0.0.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from governance.webhooks.types import Answer, Verdict

SECRET_PREFIX: Final = "whsec_"  # noqa: S105  the prefix of a secret, none itself
KEY_BYTES: Final = 32
#: Between one attempt and the next; with these it is given up after about a day.
WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=8, minutes=30),
)
MOST_ATTEMPTS: Final = len(WAITS) + 1
#: A wait is longer or shorter by up to this share, so that not all come back at once.
JITTER: Final = 0.1
LONGEST_ASKED: Final = timedelta(hours=24)
#: Hours an old secret may go on signing beside its successor.
OVERLAPS: Final = (0, 1, 24, 168)
_OK: Final = range(200, 300)
_REDIRECTS: Final = range(300, 400)
_GONE: Final = 410
_ASKS_TO_WAIT: Final = frozenset({429, 503})
_MOST_DIGITS: Final = 6


def secret_text(key: bytes) -> str:
    """Return a key as its receiver keeps it."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def sign(*, message_id: str, at: datetime, body: bytes, keys: Iterable[bytes]) -> str:
    """Return the signature header: one signature a key, so that either verifies.

    Args:
        message_id: Id of the message.
        at: Moment of this attempt.
        body: The bytes sent.
        keys: Raw keys, the newest first.
    """
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return " ".join(
        "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        for key in keys
    )


def headers(*, message_id: str, at: datetime, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """Return the headers of one attempt."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "Orchestra-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": sign(message_id=message_id, at=at, body=body, keys=keys),
    }


def write_body(*, type_: str, at: str, data: dict[str, Any]) -> bytes:
    """Return the body: the same bytes whenever it is written again."""
    value = {"type": type_, "timestamp": at, "data": data}
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def read_answer(*, status: int, retry_after: str, now: datetime) -> Answer:
    """Return what an answer means.

    Args:
        status: HTTP status.
        retry_after: The header, empty where there is none: seconds or an HTTP date.
        now: When it came, UTC.
    """
    if status in _OK:
        return Answer(status, "", Verdict.DELIVERED)
    if status == _GONE:
        return Answer(status, "webhook.gone", Verdict.GONE)
    if status in _REDIRECTS:
        return Answer(status, "webhook.redirected", Verdict.AGAIN)
    if status in _ASKS_TO_WAIT:
        asked = _asked(retry_after, now)
        return Answer(status, "webhook.asked_to_wait", Verdict.AGAIN, asked)
    return Answer(status, "webhook.refused", Verdict.AGAIN)


def _asked(text: str, now: datetime) -> datetime | None:
    found = text.strip()
    if found.isascii() and found.isdigit() and len(found) <= _MOST_DIGITS:
        return now + min(timedelta(seconds=int(found)), LONGEST_ASKED)
    try:
        moment = parsedate_to_datetime(found)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(moment.astimezone(UTC), now + LONGEST_ASKED)


def retry_at(
    *, now: datetime, attempts: int, chance: float, not_before: datetime | None = None
) -> datetime | None:
    """Return when to try again; None once it has been enough.

    Args:
        now: When the last attempt ended.
        attempts: How many there were.
        chance: From 0 to 1, drawn for this attempt.
        not_before: When the receiver asked to be left alone until.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    wait = WAITS[attempts - 1] * (1 - JITTER + 2 * JITTER * chance)
    return max(now + wait, not_before or now)
