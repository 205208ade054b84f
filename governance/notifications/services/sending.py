"""Send what is due: take it with a lease, send it outside of any transaction, write it down.

A message is sent at least once: where a worker ends between sending and writing it down, the
lease runs out and the message is sent again, with the same Message-ID.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.conf import settings
from django.db.models import Q, QuerySet

from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.notifications import entries, mail, registry, rules
from governance.notifications.models import NoticeDelivery
from governance.notifications.selectors import news_of, preferences_of
from governance.notifications.types import (
    Channel,
    DeliveryState,
    Failure,
    Preferences,
    SkipReason,
    Topic,
)
from orchestra.core.actors import system
from orchestra.core.crash import crash_point

log = structlog.get_logger(__name__)

SEND_TASK: Final = "governance.notifications.send"
SENDER = system("notifications")
#: Less than a task may take; what is left is found by the next sweep.
LONGEST_RUN: Final = timedelta(seconds=40)
MOST_IN_DIGEST: Final = 200
_CUT_OFF: Final = Failure("mail.unknown", is_final=True)

Clock = Callable[[], datetime]


def send_due(*, read_clock: Clock, mailer: mail.Mailer | None = None) -> int:
    """Send the messages whose time has come, until none is left or it has been long.

    A server that refuses everybody is asked once a sweep, not once a message. Must not be
    called inside a transaction.

    Args:
        read_clock: Tells the time, which passes.
        mailer: What sends; None for Django's mail.

    Returns:
        How many messages left, a digest being one.
    """
    postbox, begun, sent = mailer or mail.Postbox(), read_clock(), 0
    try:
        while (now := read_clock()) < begun + LONGEST_RUN:
            taken = _take_next(now)
            if taken is None:
                break
            deliveries, preferences = taken
            if not deliveries:
                continue
            crash_point("after-take-before-mail")
            failure = mail.send(postbox, deliveries, preferences, now)
            crash_point("after-mail-before-record")
            _write_down(deliveries, failure, read_clock())
            sent += failure is None
            if failure is not None and failure.is_everybody:
                log.warning("mail.refuses_everybody", error=failure.code)
                break
    finally:
        postbox.close()
    return sent


def _take_next(now: datetime) -> tuple[list[NoticeDelivery], Preferences] | None:
    """Take the next message, or digest; None where nothing is due, an empty one to look again."""
    with one_act(durable=True):
        first = _due(now).order_by("due_at", "pk").first()
        if first is None:
            return None
        rows = [first]
        if first.channel == Channel.DIGEST or first.notice.topic == Topic.ACCESS:
            same = _due(now).filter(channel=first.channel, notice__person=first.notice.person_id)
            same = same.filter(state=first.state)
            if first.state == DeliveryState.SENDING:
                # It may have left: the same message again, under its id, and nothing joins it.
                same = same.filter(tried_at=first.tried_at)
            if first.channel != Channel.DIGEST:
                # Grants come by the dozen, and are one piece of news.
                same = same.filter(notice__topic=Topic.ACCESS)
            rows = list(same.order_by("notice__deadline_at", "pk")[:MOST_IN_DIGEST])
        person = first.notice.person
        preferences = preferences_of([person])[person.pk]
        taken = [each for each in rows if _prepare(each, preferences, now)]
        return taken, preferences


def _due(now: datetime) -> QuerySet[NoticeDelivery]:
    waiting = Q(state=DeliveryState.WAITING, due_at__lte=now)
    # Whoever took it ended on the way: it may have left, or not.
    left_lying = Q(state=DeliveryState.SENDING, lease_until_at__lte=now)
    rows = NoticeDelivery.objects.filter(waiting | left_lying)
    return rows.select_related("notice__person", "notice__queue")


def _prepare(delivery: NoticeDelivery, preferences: Preferences, now: datetime) -> bool:
    """Take one message to send; put it off or away where it is not to be sent now."""
    why = _why_not(delivery, now)
    if why is not None:
        end = {"state": DeliveryState.SKIPPED, "skipped_why": why, "ended_at": now}
        _set(delivery, **end, lease_until_at=None)
        return False
    if delivery.attempts >= rules.MOST_ATTEMPTS:
        _fail(delivery, _CUT_OFF, now)
        return False
    # A retry, or a sweep that comes late, is no reason to wake somebody.
    later = rules.after_quiet(news_of(delivery.notice), preferences, now)
    if later > now and not _is_test(delivery):
        _set(delivery, state=DeliveryState.WAITING, due_at=later, lease_until_at=None)
        return False
    lease = now + timedelta(seconds=settings.ORCHESTRA["LEASE_SECONDS"])
    return _set(
        delivery,
        state=DeliveryState.SENDING,
        attempts=delivery.attempts + 1,
        lease_until_at=lease,
        tried_at=now,
    )


def _is_test(delivery: NoticeDelivery) -> bool:
    return delivery.notice.kind == entries.TESTED


def _why_not(delivery: NoticeDelivery, now: datetime) -> SkipReason | None:
    notice, person = delivery.notice, delivery.notice.person
    if not person.is_active:
        return SkipReason.DISABLED
    if not person.email:
        return SkipReason.NO_ADDRESS
    rule = registry.rules.find(notice.kind)
    is_open = registry.still_open.find(notice.subject_kind)
    is_ended = notice.ended_at is not None
    if rule is not None and rule.asks and is_open is not None:
        # The row of the subject is ahead of the ledger's reader.
        is_ended = is_ended or not is_open(notice.subject_id)
    return rules.why_skip(
        channel=Channel(delivery.channel),
        news=news_of(notice),
        is_ended=is_ended,
        is_read=notice.read_at is not None,
        now=now,
    )


def _set(delivery: NoticeDelivery, **changes: object) -> bool:
    """Write to a message that still stands as it was read; say whether it did."""
    as_read = NoticeDelivery.objects.filter(
        pk=delivery.pk, state=delivery.state, attempts=delivery.attempts
    )
    if as_read.update(**changes) != 1:
        return False
    for name, value in changes.items():
        setattr(delivery, name, value)
    return True


def _write_down(
    deliveries: Sequence[NoticeDelivery], failure: Failure | None, now: datetime
) -> None:
    with one_act(durable=True):
        for each in deliveries:
            if failure is None:
                end = {"state": DeliveryState.SENT, "error": "", "ended_at": now}
                _set(each, **end, lease_until_at=None)
            else:
                _try_again(each, failure, now)


def _try_again(delivery: NoticeDelivery, failure: Failure, now: datetime) -> None:
    backoff = timedelta(seconds=settings.ORCHESTRA["MAIL_BACKOFF_SECONDS"])
    again = rules.retry_at(now=now, attempts=delivery.attempts, backoff=backoff)
    if failure.is_final or again is None:
        _fail(delivery, failure, now)
        return
    _set(
        delivery,
        state=DeliveryState.WAITING,
        error=failure.code,
        due_at=again,
        lease_until_at=None,
    )


def _fail(delivery: NoticeDelivery, failure: Failure, now: datetime) -> None:
    end = {"state": DeliveryState.FAILED, "error": failure.code, "ended_at": now}
    if not _set(delivery, **end, lease_until_at=None):
        return
    append_entry(
        actor=SENDER,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=entries.FAILED,
            payload={
                "label": delivery.notice.label,
                "kind": delivery.notice.kind,
                "code": failure.code,
                "attempts": delivery.attempts,
                "person_id": str(delivery.notice.person.public_id),
            },
            subject_kind="notice_delivery",
            subject_id=str(delivery.public_id),
        ),
    )
