"""Messages leave once, late ones not at all, and what fails is seen."""

import smtplib
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.core import mail as outbox

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.notifications import rules, services
from governance.notifications.models import NoticeDelivery
from governance.notifications.types import Channel, DeliveryState, Manner, QuietHours, SkipReason
from orchestra.core.errors import ConflictError, NotFoundError, NotPermittedError
from tests.factories.access import make_person, make_queue, make_supervisor
from tests.factories.approvals import ASKED_AT, make_request, register_recorder
from tests.factories.notifications import (
    PostBox,
    choose,
    make_delivery,
    make_notice,
    read_on,
    refused,
    still,
    ticking,
)
from tests.factories.races import race

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
NIGHT = datetime(2026, 11, 19, 23, tzinfo=UTC)


@pytest.fixture
def maren(db: None) -> User:
    del db
    return make_person("maren", email="maren@example.com")


def message(person: User, **fields: Any) -> NoticeDelivery:
    return make_delivery(make_notice(person, NOW), NOW, **fields)


def send(box: PostBox, at: datetime = NOW) -> int:
    return services.send_due(read_clock=still(at), mailer=box)


def states() -> list[str]:
    return [
        str(one) for one in NoticeDelivery.objects.order_by("pk").values_list("state", flat=True)
    ]


def test_a_message_leaves_once(maren: User) -> None:
    message(maren)
    box = PostBox()
    assert (send(box), send(box)) == (1, 0)
    (sent,) = box.sent
    assert sent.to == ["maren@example.com"]
    row = NoticeDelivery.objects.get()
    assert (row.state, row.attempts, row.ended_at) == (DeliveryState.SENT, 1, NOW)


def test_what_is_not_due_waits(maren: User) -> None:
    make_delivery(make_notice(maren, NOW), NOW + timedelta(minutes=1))
    box = PostBox()
    assert send(box) == 0
    assert states() == ["waiting"]


def test_a_digest_is_one_message_a_person(maren: User) -> None:
    other = make_person("dario", email="dario@example.com")
    for person in (maren, maren, maren, other):
        message(person, channel=Channel.DIGEST)
    box = PostBox()
    assert send(box) == 2
    assert [one.subject for one in box.sent] == [
        "3 things are new for you",
        "1 thing is new for you",
    ]
    assert box.sent[0].body.count("/admin/notices/") == 3 + 1
    assert states() == ["sent"] * 4


def test_grants_that_come_by_the_dozen_are_one_message(maren: User) -> None:
    for topic in ("access", "decide", "access", "decide", "access"):
        make_delivery(make_notice(maren, NOW, topic=topic, kind="queue.granted"), NOW)
    box = PostBox()
    assert send(box) == 3
    counts = sorted(one.body.count("You were given a grant") for one in box.sent)
    assert counts == [1, 1, 3]


@pytest.mark.parametrize(
    ("fields", "channel", "why"),
    [
        ({"ended_at": NOW}, Channel.EMAIL, SkipReason.ENDED),
        ({"deadline_at": NOW}, Channel.EMAIL, SkipReason.TOO_LATE),
        ({"read_at": NOW}, Channel.DIGEST, SkipReason.READ),
    ],
)
def test_what_has_no_use_any_more_is_not_sent(
    maren: User, fields: dict[str, Any], channel: Channel, why: SkipReason
) -> None:
    make_delivery(make_notice(maren, NOW, **fields), NOW, channel=channel)
    box = PostBox()
    assert send(box) == 0
    row = NoticeDelivery.objects.get()
    assert (box.tried, row.state, row.skipped_why) == (0, DeliveryState.SKIPPED, why)


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"email": ""}, SkipReason.NO_ADDRESS), ({"is_active": False}, SkipReason.DISABLED)],
)
def test_whom_no_mail_reaches_is_said(
    maren: User, changes: dict[str, Any], why: SkipReason
) -> None:
    User.objects.filter(pk=maren.pk).update(**changes)
    message(maren)
    assert send(PostBox()) == 0
    assert NoticeDelivery.objects.get().skipped_why == why


def test_a_request_that_ended_meanwhile_is_not_mailed(db: None) -> None:
    del db
    register_recorder()
    queue = make_queue("returns")
    person = make_supervisor(queue, "maren", email="maren@example.com")
    choose(person, ASKED_AT)
    request = make_request(queue)
    read_on(ASKED_AT)
    # The reader has not read of the end yet; the row of the request is asked.
    type(request).objects.filter(pk=request.pk).update(state="voided")
    box = PostBox()
    assert send(box, ASKED_AT) == 0
    assert NoticeDelivery.objects.get().skipped_why == SkipReason.ENDED


def test_a_late_sweep_wakes_nobody_but_for_a_critical_deadline(maren: User) -> None:
    choose(maren, NOW, quiet=QuietHours(time(20), time(7)))
    make_delivery(make_notice(maren, NOW), NOW)
    soon = {"risk": "critical", "deadline_at": NIGHT + timedelta(days=3)}
    make_delivery(make_notice(maren, NOW, **soon), NOW)
    box = PostBox()
    assert send(box, NIGHT) == 1
    assert "critical risk" in box.sent[0].subject
    waiting = NoticeDelivery.objects.get(state="waiting")
    assert (waiting.due_at, waiting.attempts) == (datetime(2026, 11, 20, 7, tzinfo=UTC), 0)


def test_an_address_that_is_refused_fails_at_once_and_stands_in_the_ledger(maren: User) -> None:
    failed, fine = message(maren), message(maren)
    box = PostBox(refused(550), None)
    assert send(box) == 1
    failed.refresh_from_db()
    fine.refresh_from_db()
    assert (failed.state, failed.error, fine.state) == ("failed", "mail.refused", "sent")
    entry = LedgerEntry.objects.get(kind="notification.failed")
    assert entry.subject_id == str(failed.public_id)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (refused(451), "mail.try_later"),
        (ConnectionRefusedError(), "mail.unreachable"),
        (TimeoutError(), "mail.unreachable"),
        (smtplib.SMTPServerDisconnected("gone"), "mail.unreachable"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "mail.refused_by_server"),
        (smtplib.SMTPSenderRefused(550, b"no", "us"), "mail.refused_by_server"),
    ],
)
def test_what_may_go_better_is_tried_again_later(
    maren: User, settings: Any, failure: Exception, error: str
) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "MAIL_BACKOFF_SECONDS": 15.0}
    message(maren)
    box = PostBox(failure)
    assert send(box) == 0
    row = NoticeDelivery.objects.get()
    assert (row.state, row.error, row.attempts) == ("waiting", error, 1)
    assert row.due_at == NOW + timedelta(seconds=30)
    assert not LedgerEntry.objects.filter(kind="notification.failed").exists()
    assert send(box, row.due_at) == 1
    assert states() == ["sent"]


def test_a_server_that_refuses_everybody_is_asked_once_a_sweep(maren: User) -> None:
    for _number in range(5):
        message(maren)
    box = PostBox(*[ConnectionRefusedError()] * 5)
    send(box)
    assert box.tried == 1
    assert NoticeDelivery.objects.filter(attempts=0).count() == 4


def test_it_is_given_up_after_the_last_attempt(maren: User) -> None:
    message(maren, attempts=rules.MOST_ATTEMPTS - 1, state=DeliveryState.WAITING)
    send(PostBox(ConnectionRefusedError()))
    row = NoticeDelivery.objects.get()
    assert (row.state, row.error) == (DeliveryState.FAILED, "mail.unreachable")
    assert LedgerEntry.objects.filter(kind="notification.failed").count() == 1


def test_a_message_that_cannot_be_written_fails_at_once(maren: User) -> None:
    message(maren)
    send(PostBox(ValueError("a header with a line break")))
    assert NoticeDelivery.objects.get().error == "mail.refused"


def test_a_worker_that_ends_after_sending_leaves_it_to_be_sent_again_with_the_same_id(
    maren: User,
) -> None:
    message(maren)

    class Ended(BaseException):
        """The worker was killed."""

    class Dying(PostBox):
        def send(self, message: Any) -> None:
            super().send(message)
            raise Ended

    first, second = Dying(), PostBox()
    with pytest.raises(Ended):
        send(first)
    assert states() == ["sending"]
    assert send(second, NOW) == 0
    assert send(second, NOW + timedelta(minutes=2)) == 1
    assert states() == ["sent"]
    ids = [box.sent[0].extra_headers["Message-ID"] for box in (first, second)]
    assert ids[0] == ids[1]


def test_what_is_cut_off_again_and_again_is_given_up(maren: User) -> None:
    ended = NOW - timedelta(minutes=1)
    message(maren, state="sending", attempts=rules.MOST_ATTEMPTS, lease_until_at=ended)
    box = PostBox()
    assert send(box) == 0
    assert NoticeDelivery.objects.get().error == "mail.unknown"
    assert box.tried == 0


def test_a_worker_that_was_overtaken_writes_nothing(maren: User) -> None:
    row = message(maren)

    class Slow(PostBox):
        def send(self, message: Any) -> None:
            NoticeDelivery.objects.filter(pk=row.pk).update(attempts=2)
            super().send(message)

    send(Slow())
    assert states() == ["sending"]


def test_a_sweep_ends_in_time(maren: User) -> None:
    for _number in range(20):
        message(maren)
    box = PostBox()
    services.send_due(read_clock=ticking(NOW, seconds=7), mailer=box)
    assert 0 < len(box.sent) < 20
    assert NoticeDelivery.objects.filter(state="sending").count() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_send_each_message_once() -> None:
    person = make_person("maren", email="maren@example.com")
    for _number in range(12):
        message(person)
    boxes = [PostBox() for _one in range(4)]
    race([lambda box=box: send(box) for box in boxes])  # type: ignore[misc]
    assert sum(len(box.sent) for box in boxes) == 12
    assert NoticeDelivery.objects.filter(state="sent", attempts=1).count() == 12


def test_mail_leaves_through_django_by_default(maren: User) -> None:
    message(maren)
    assert services.send_due(read_clock=still(NOW)) == 1
    assert [one.to for one in outbox.outbox] == [["maren@example.com"]]


def test_who_manages_access_has_it_sent_again(maren: User) -> None:
    row = message(maren, state="failed", attempts=8, error="mail.refused", tried_at=NOW)
    petra = make_person("petra", roles=[Role.ADMINISTRATOR]).as_actor()
    services.retry_delivery(actor=petra, now=NOW, delivery_id=row.public_id)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("waiting", 0, "")
    assert LedgerEntry.objects.get(kind="notification.retried").actor_id == petra.id
    with pytest.raises(ConflictError):
        services.retry_delivery(actor=petra, now=NOW, delivery_id=row.public_id)
    with pytest.raises(NotFoundError):
        services.retry_delivery(actor=petra, now=NOW, delivery_id=row.notice.public_id)
    with pytest.raises(NotPermittedError):
        services.retry_delivery(actor=maren.as_actor(), now=NOW, delivery_id=row.public_id)


def test_reading_one_reads_all_about_its_subject_and_only_ones_own(maren: User) -> None:
    first = make_notice(maren, NOW)
    make_notice(maren, NOW, subject_id=first.subject_id, kind="approval.reminded")
    other = make_notice(maren, NOW)
    actor = maren.as_actor()
    dario = make_person("dario").as_actor()
    assert services.mark_read(actor=dario, now=NOW, notice_id=first.public_id) == 0
    assert services.mark_read(actor=actor, now=NOW, notice_id=first.public_id) == 2
    other.refresh_from_db()
    assert other.read_at is None
    assert services.mark_read(actor=actor, now=NOW) == 1
    assert services.mark_read(actor=replace(actor, kind="system"), now=NOW) == 0


def test_a_test_message_takes_the_way_of_all_messages(maren: User) -> None:
    choose(maren, NIGHT, Manner.OFF, quiet=QuietHours(time(20), time(7)))
    services.send_test(actor=maren.as_actor(), now=NIGHT)
    read_on(NIGHT)
    box = PostBox()
    assert send(box, NIGHT) == 1
    assert box.sent[0].subject == "This is the test message you asked for"
