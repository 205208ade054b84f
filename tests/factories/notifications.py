"""News as the ledger's reader makes it, what people want, and post boxes of all tempers."""

import smtplib
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django.core.mail import EmailMessage

from governance.access.models import User
from governance.ledger.services import sequence
from governance.notifications import rules, services
from governance.notifications.models import Notice, NoticeDelivery
from governance.notifications.services.wanting import Wanted
from governance.notifications.types import Manner, QuietHours, Topic

NEVER = QuietHours(time(0), time(0))
_numbers = iter(range(1, 1_000_000))


def read_on(now: datetime, **options: Any) -> int:
    """Give what was recorded its place, and let the reader read on."""
    sequence(now=now, wait=True)
    return services.follow_ledger(now=now, **options)


def choose(
    person: User,
    now: datetime,
    manner: Manner = Manner.AT_ONCE,
    *,
    quiet: QuietHours = NEVER,
    **options: Any,
) -> None:
    """Let a person choose one manner for everything."""
    wanted = Wanted(
        manners=dict.fromkeys(rules.default_manners([]), manner),
        digest_times=options.get("digest_times", (time(9),)),
        quiet=quiet,
        zone=options.get("zone", "UTC"),
        revision=options.get("revision", 0),
    )
    services.save_preferences(actor=person.as_actor(), now=now, wanted=wanted)


def make_notice(person: User, at: datetime, **fields: Any) -> Notice:
    """A notice as a bare row."""
    number = next(_numbers)
    values = {
        "index": number,
        "event_id": f"00000000-0000-0000-0000-{number:012d}",
        "kind": "approval.requested",
        "topic": Topic.DECIDE,
        "why": "may_vote",
        "subject_kind": "test",
        "subject_id": f"00000000-0000-7000-8000-{number:012d}",
        "label": f"AP-{number}",
        "page": "approvals",
        "risk": "high",
        "at": at,
    }
    return Notice.objects.create(person=person, **{**values, **fields})


def make_delivery(notice: Notice, due_at: datetime, **fields: Any) -> NoticeDelivery:
    """A message as a bare row."""
    values = {"channel": "email", "due_at": due_at}
    return NoticeDelivery.objects.create(notice=notice, **{**values, **fields})


def still(now: datetime) -> Callable[[], datetime]:
    """A clock that stands."""
    return lambda: now


def ticking(now: datetime, seconds: float = 1.0) -> Callable[[], datetime]:
    """A clock that goes on at every look."""
    looks = iter(range(1_000_000))
    return lambda: now + timedelta(seconds=seconds * next(looks))


class PostBox:
    """Takes every message, or answers each with the next failure; an edge, never our own."""

    def __init__(self, *failures: Exception | None) -> None:
        self.sent: list[EmailMessage] = []
        self.tried = 0
        self._failures = list(failures)

    def send(self, message: EmailMessage) -> None:
        self.tried += 1
        failure = self._failures.pop(0) if self._failures else None
        if failure is not None:
            raise failure
        self.sent.append(message)

    def close(self) -> None:
        pass


def refused(code: int) -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({"x@example.com": (code, b"no")})
