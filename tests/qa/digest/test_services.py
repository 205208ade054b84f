"""The mail of a week: to whom, once, and what it says."""

import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives

from governance.access.models import User
from governance.access.types import Role
from governance.notifications.models import NoticePreference
from qa.digest.models import OutcomeDigest
from qa.digest.rules import LEASE
from qa.digest.services import send_digests
from qa.targets.services import publish_target
from tests.factories.access import FACTORY, make_person
from tests.factories.measured import make_cells
from tests.factories.targets import make_alert, target

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

#: A Monday, noon in UTC.
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Box:
    """A mail server that takes what it is given, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[EmailMessage] = []
        self.error = error

    def send(self, message: EmailMessage) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append(message)

    def close(self) -> None:
        pass


@pytest.fixture
def lead() -> User:
    return make_person(roles=[Role.QA_LEAD], email="lead@example.org")


def test_a_leader_with_an_address_is_sent_one_with_numbers_and_alerts(lead: User) -> None:
    make_person(roles=[Role.SUPERVISOR], email="")
    make_person(roles=[Role.HUMAN_AGENT], email="agent@example.org")
    make_cells(now=NOW)
    version = publish_target(actor=FACTORY, now=NOW, document=target(metric="transfer_rate"))
    alert = make_alert(version, NOW)
    box = Box()
    assert send_digests(now=NOW, mailer=box) == 1
    assert send_digests(now=NOW, mailer=box) == 0
    (message,) = box.sent
    assert message.to == [lead.email]
    assert message.subject == "Outcomes, 16 Nov to 22 Nov 2026: 1 target is not kept"
    assert "Recontact rate: 12.5 %\n  95 %: " in message.body
    assert "Target at most 10 %: not shown" in message.body
    assert f"/admin/outcome-alerts/{alert.public_id}/" in message.body
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert html.count("<tr>") == 7
    assert "Few come back" in html
    row = OutcomeDigest.objects.get()
    assert (row.person, row.state, str(row.week)) == (lead, "sent", "2026-11-16")


def test_who_wants_no_news_of_the_record_is_sent_none(lead: User) -> None:
    NoticePreference.objects.create(person=lead, manners={"proof": {"": "off"}}, saved_at=NOW)
    assert send_digests(now=NOW, mailer=Box()) == 0


def test_what_did_not_leave_is_tried_again_after_its_lease_and_given_up_for_good(
    lead: User,
) -> None:
    assert send_digests(now=NOW, mailer=Box(ConnectionError())) == 0
    first = OutcomeDigest.objects.get()
    assert (first.state, first.error, first.attempts) == ("sending", "mail.unreachable", 1)
    box = Box()
    assert send_digests(now=NOW + LEASE / 2, mailer=box) == 0
    assert send_digests(now=NOW + LEASE, mailer=box) == 1
    assert box.sent[0].extra_headers["Message-ID"].startswith(f"<{first.public_id}@")
    OutcomeDigest.objects.all().delete()
    refused = smtplib.SMTPRecipientsRefused({lead.email: (550, b"no such person")})
    assert send_digests(now=NOW, mailer=Box(refused)) == 0
    assert OutcomeDigest.objects.get().state == "failed"
    assert send_digests(now=NOW + timedelta(hours=2), mailer=box) == 0
