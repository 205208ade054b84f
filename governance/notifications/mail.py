"""One message by mail: its words, and what became of it. No personal data leaves in either.

Ids, codes, a queue's title, a deadline and a link: whoever reads the mail over a shoulder, or on
the way, learns nothing of a customer, an amount or a case.
"""

import smtplib
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.notifications import rules
from governance.notifications.models import Notice, NoticeDelivery
from governance.notifications.types import Channel, Failure, Preferences
from governance.notifications.wording import risk_word, title_of
from orchestra.core import words

NO_ANSWER = Failure("mail.unreachable", is_everybody=True)
NO_MESSAGE = Failure("mail.refused", is_final=True)


class Mailer(Protocol):
    """What sends one message."""

    def send(self, message: EmailMessage) -> None:
        """Send it.

        Raises:
            OSError: It did not leave.
            ValueError: It is no message.
        """

    def close(self) -> None:
        """Let go of the connection."""


class Postbox:
    """Sends through Django's mail over one connection, opened at the first message."""

    def __init__(self) -> None:
        self._connection = get_connection(fail_silently=False)

    def send(self, message: EmailMessage) -> None:
        """Send one message; after a failure the next one opens the connection anew."""
        message.connection = self._connection
        try:
            self._connection.open()
            message.send(fail_silently=False)
        except (OSError, ValueError):
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection."""
        try:
            self._connection.close()
        except OSError:
            # It is gone already.
            return


def send(
    mailer: Mailer, deliveries: Sequence[NoticeDelivery], preferences: Preferences, now: datetime
) -> Failure | None:
    """Send one message, or one digest of several; return why it did not leave, None where it did.

    Args:
        mailer: What sends it.
        deliveries: Of one person; notices, people and queues at hand.
        preferences: For the zone of its times.
        now: The moment it speaks of.
    """
    try:
        mailer.send(build(deliveries, preferences, now))
    except (OSError, ValueError) as error:
        return failure_of(error)
    return None


def failure_of(error: OSError | ValueError) -> Failure:
    """Return what an error of a mail server means."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [int(answer[0]) for answer in error.recipients.values()]
        return rules.failure_of_answer(max(codes, default=0), to_person=True)
    if isinstance(error, smtplib.SMTPDataError):
        return rules.failure_of_answer(error.smtp_code, to_person=True)
    if isinstance(error, smtplib.SMTPResponseException):
        return rules.failure_of_answer(error.smtp_code, to_person=False)
    # A message that cannot even be written will not be better the next time.
    return NO_ANSWER if isinstance(error, OSError) else NO_MESSAGE


def build(
    deliveries: Sequence[NoticeDelivery], preferences: Preferences, now: datetime
) -> EmailMessage:
    """Return the message, in the person's zone.

    Its id stays the same at every attempt: what is sent twice can be told.
    """
    first = deliveries[0]
    with timezone.override(preferences.zone):
        lines = [_line(each.notice) for each in deliveries]
        subject = lines[0]["subject"]
        if first.channel == Channel.DIGEST or len(lines) > 1:
            subject = ngettext(
                "%(count)d thing is new for you", "%(count)d things are new for you", len(lines)
            ) % {"count": len(lines)}
        body = _body(lines, str(preferences.zone), now)
    host = settings.ORCHESTRA["PUBLIC_URL"].partition("//")[2].partition(":")[0]
    return EmailMessage(
        subject=subject.replace("\n", " "),
        body=body,
        to=[first.notice.person.email],
        headers={
            "Message-ID": f"<{first.public_id}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def absolute(path: str) -> str:
    """Return the address that a page has outside of the installation."""
    return f"{settings.ORCHESTRA['PUBLIC_URL'].rstrip('/')}{path}"


def _line(notice: Notice) -> dict[str, str]:
    title = title_of(notice)
    risk = risk_word(notice.risk)
    subject = f"{title} ({risk})" if risk else title
    deadline = ""
    if notice.deadline_at is not None:
        deadline = f"{timezone.localtime(notice.deadline_at):%-d %b %Y, %H:%M}"
        subject = _("%(what)s, until %(time)s") % {
            "what": subject,
            "time": words.clock_time(notice.deadline_at),
        }
    return {
        "title": title,
        "subject": subject,
        "risk": risk,
        "queue": notice.queue.title if notice.queue else "",
        "deadline": deadline,
        "link": absolute(reverse("admin:notice_open", args=[notice.public_id])),
    }


def _body(lines: Sequence[dict[str, str]], zone: str, now: datetime) -> str:
    labels = {"queue": _("Queue"), "risk": _("Risk"), "deadline": _("Until"), "link": _("Open it")}
    parts = [
        "\n".join([one["title"], *(f"  {labels[key]}: {one[key]}" for key in labels if one[key])])
        for one in lines
    ]
    told = _("Times are in %(zone)s. Written on %(date)s at %(time)s.") % {
        "zone": zone,
        "date": f"{timezone.localtime(now):%-d %b %Y}",
        "time": words.clock_time(now),
    }
    change = _("Change how you are told: %(link)s") % {
        "link": absolute(reverse("admin:notice_settings"))
    }
    return "\n\n".join([*parts, f"{told}\n{change}\n"])
