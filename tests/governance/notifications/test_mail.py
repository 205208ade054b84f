"""What a mail says, that it says nothing of a person, and how a real server's answers read."""

import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from governance.access.models import User
from governance.notifications import mail, rules, services
from governance.notifications.models import NoticeDelivery
from governance.notifications.types import Preferences
from tests.factories.access import make_person, make_queue, make_supervisor
from tests.factories.approvals import ASKED_AT, make_request, register_recorder
from tests.factories.notifications import (
    PostBox,
    choose,
    make_delivery,
    make_notice,
    read_on,
    still,
)

pytestmark = pytest.mark.django_db
#: A phone and a card number, an IBAN, a national number, a network address.
NUMBERS = (
    "+44 20 7946 0958",
    "4539578763621486",
    "gb29nwbk60161331926819",
    "219-09-4990",
    "203.0.113.77",
)
SONG = ", ".join(NUMBERS)
NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
BERLIN = Preferences(
    manners=rules.default_manners([]), zone=ZoneInfo("Europe/Berlin"), digest_times=(time(9),)
)


@pytest.fixture
def maren(db: None) -> User:
    del db
    return make_person("maren", email="maren@example.com")


def test_a_mail_says_what_waits_until_when_and_where(maren: User, settings: Any) -> None:
    settings.ORCHESTRA = {**settings.ORCHESTRA, "PUBLIC_URL": "https://desk.example:8443/"}
    notice = make_notice(
        maren,
        NOW,
        label="AP-12",
        queue=make_queue("returns", title="Returns & more"),
        deadline_at=datetime(2026, 11, 19, 13, 5, tzinfo=UTC),
    )
    row = make_delivery(notice, NOW)
    found = mail.build([row], BERLIN, NOW)
    assert found.subject == "AP-12 waits for your decision (high risk), until 14:05"
    assert found.body == (
        "AP-12 waits for your decision\n"
        "  Queue: Returns & more\n"
        "  Risk: high risk\n"
        "  Until: 19 Nov 2026, 14:05\n"
        f"  Open it: https://desk.example:8443/admin/notices/{notice.public_id}/\n"
        "\n"
        "Times are in Europe/Berlin. Written on 19 Nov 2026 at 13:00.\n"
        "Change how you are told: https://desk.example:8443/admin/notices/settings/\n"
    )
    assert found.extra_headers["Message-ID"] == f"<{row.public_id}@desk.example>"
    assert found.extra_headers["Auto-Submitted"] == "auto-generated"


def test_news_of_a_kind_that_is_gone_still_reads(maren: User) -> None:
    row = make_delivery(make_notice(maren, NOW, kind="gone.away", label="X-1", risk=""), NOW)
    assert mail.build([row], BERLIN, NOW).subject == "gone away: X-1"


def test_a_line_break_in_a_label_makes_no_header(maren: User) -> None:
    row = make_delivery(make_notice(maren, NOW, label="AP-1\nBcc: x@example.com"), NOW)
    found = mail.build([row], BERLIN, NOW)
    assert "\n" not in found.subject
    assert set(found.message().keys()) & {"Bcc"} == set()


def test_no_personal_data_leaves(db: None) -> None:
    """Every text of the case and of the people is a canary; none of them may sing."""
    del db
    register_recorder()
    queue = make_queue("returns", title="Returns")
    for name in ("maren", "dario"):
        person = make_supervisor(
            queue,
            name,
            email=f"{name}@example.com",
            first_name="CanaryFirst",
            last_name="CanaryLast",
        )
        choose(person, ASKED_AT)
    make_request(
        queue,
        title=f"CANARY title: Refund $1,126.04 to Daiki Johnson, {SONG}",
        detail=f"CANARY detail {SONG}",
        case_label="CANARY-case",
        amount_minor=112604,
        currency="USD",
        view={
            "effect": "CANARY effect",
            "customer": "Daiki Johnson",
            "rows": [f"CANARY row {SONG}"],
        },
        subject_id="canary-subject",
        barred={"canary-person": f"CANARY sentence {SONG}"},
    )
    read_on(ASKED_AT)
    box = PostBox()
    assert services.send_due(read_clock=still(ASKED_AT), mailer=box) == 2
    for sent in box.sent:
        text = sent.message().as_string().lower()
        for canary in ("canary", "daiki", "1,126", "112604", "usd", "refund", *NUMBERS):
            assert canary not in text
        assert "/admin/notices/" in text


class _Smtp(socketserver.StreamRequestHandler):
    """As much of a mail server as a client asks for; its answers come from the test."""

    def handle(self) -> None:
        server: Any = self.server
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "DATA":
                self._say("354 go on")
                while self.rfile.readline() != b".\r\n":
                    pass
                server.mails += 1
            self._say(server.answers.get(verb, "250 fine"))
            if verb == "QUIT":
                return

    def _say(self, answer: str) -> None:
        self.wfile.write(f"{answer}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Smtp)
        self.answers: dict[str, str] = {}
        self.mails = 0


@pytest.fixture
def server(settings: Any) -> Iterator[_Server]:
    with _Server() as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = made.server_address[:2]
        settings.EMAIL_TIMEOUT = 5
        yield made
        made.shutdown()


@pytest.mark.parametrize(
    ("answers", "state", "error"),
    [
        ({}, "sent", ""),
        ({"RCPT": "550 nobody of that name"}, "failed", "mail.refused"),
        ({"RCPT": "451 later"}, "waiting", "mail.try_later"),
        ({"DATA": "554 looks like spam"}, "failed", "mail.refused"),
        ({"MAIL": "530 sign in first"}, "waiting", "mail.refused_by_server"),
        ({"EHLO": "421 closed", "HELO": "421 closed"}, "waiting", "mail.refused_by_server"),
    ],
)
def test_what_a_real_server_answers(
    maren: User, server: _Server, answers: dict[str, str], state: str, error: str
) -> None:
    server.answers = answers
    row = make_delivery(make_notice(maren, NOW), NOW)
    services.send_due(read_clock=still(NOW))
    row.refresh_from_db()
    assert (row.state, row.error) == (state, error)


def test_several_messages_take_one_connection_and_one_refusal_stops_none(
    maren: User, server: _Server
) -> None:
    for _number in range(3):
        make_delivery(make_notice(maren, NOW), NOW)
    assert services.send_due(read_clock=still(NOW)) == 3
    assert server.mails == 3


def test_a_server_that_is_not_there_is_tried_again(maren: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with _Server() as gone:
        settings.EMAIL_HOST, settings.EMAIL_PORT = gone.server_address[:2]
    make_delivery(make_notice(maren, NOW), NOW)
    services.send_due(read_clock=still(NOW))
    assert NoticeDelivery.objects.get().error == "mail.unreachable"


def test_a_message_that_is_none_is_final() -> None:
    assert mail.failure_of(ValueError("a header with a line break")).is_final
    assert mail.failure_of(OSError("gone")) == mail.NO_ANSWER
