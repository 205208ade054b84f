"""The bell, a person's notices, messages that failed, and how they are told, as pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.notifications.models import Notice, NoticeDelivery, NoticePreference
from orchestra.core import clock
from tests.factories.access import ALL_GRANTS, make_person, make_queue
from tests.factories.notifications import make_delivery, make_notice
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
PATH = "/admin/notices/"
SETTINGS = f"{PATH}settings/"
PAGE_QUERIES = 5
BELL_QUERIES = 3


@pytest.fixture
def maren(db: None) -> User:
    del db
    queue = make_queue("returns", title="Returns")
    grants = {queue: ALL_GRANTS}
    return make_person("maren", roles=[Role.SUPERVISOR], grants=grants, email="maren@example.com")


@pytest.fixture
def petra(db: None) -> User:
    del db
    return make_person("petra", roles=[Role.ADMINISTRATOR])


def choice(**changes: str) -> dict[str, str]:
    return {
        "decide-high": "digest",
        "access-any": "off",
        "digest_times": "09:00, 14:00",
        "quiet_begins": "21:00",
        "quiet_ends": "06:00",
        "zone": "Europe/Berlin",
        "revision": "0",
        **changes,
    }


def test_notices_show_by_subject_with_the_unread_first(maren: User) -> None:
    now = clock.now()
    read = make_notice(maren, now, label="AP-1", read_at=now)
    first = make_notice(maren, now, label="AP-2", deadline_at=now + timedelta(minutes=12))
    make_notice(maren, now, label="AP-2", kind="approval.reminded", subject_id=first.subject_id)
    over = make_notice(maren, now, label="AP-3", ended_at=now)
    make_notice(make_person("dario"), now, label="AP-99")
    page = text_of(sign_in(maren), PATH)
    assert "1 thing is new" in page
    assert page.index("AP-2 still waits") < page.index("AP-2 waits for your decision")
    assert page.index("AP-2 waits") < page.index("AP-3 waits") < page.index("AP-1 waits")
    assert f'data-row="{over.public_id}"' in page
    assert "nothing left to do" in page
    assert "AP-99" not in page
    assert read.label in page


def test_what_became_of_the_mail_is_said(maren: User) -> None:
    now = clock.now()
    fields = [
        {"state": "sent"},
        {"state": "failed", "error": "mail.refused"},
        {"state": "skipped", "skipped_why": "no_address"},
        {"state": "waiting", "channel": "digest"},
    ]
    for one in fields:
        make_delivery(make_notice(maren, now), now, **one)
    page = text_of(sign_in(maren), PATH)
    for words in ("mailed", "mail failed", "the mail server refused the address", "not mailed"):
        assert words in page
    assert "for the digest" in page
    assert "you have no e-mail address here" in page


def test_opening_one_marks_it_as_read_and_leads_to_its_subject(maren: User) -> None:
    notice = make_notice(maren, clock.now(), page="approvals")
    client = sign_in(maren)
    answer = client.get(f"{PATH}{notice.public_id}/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/approvals/")
    notice.refresh_from_db()
    assert notice.read_at is not None
    gone = make_notice(maren, clock.now(), page="gone", page_id="x")
    assert client.get(f"{PATH}{gone.public_id}/")["Location"] == PATH


def test_the_notice_of_another_is_not_there(maren: User) -> None:
    notice = make_notice(make_person("dario"), clock.now())
    client = sign_in(maren)
    assert client.get(f"{PATH}{notice.public_id}/").status_code == 404
    client.post(f"{PATH}read/", {"notice": str(notice.public_id)})
    client.post(f"{PATH}read/")
    assert client.post(f"{PATH}read/", {"notice": "x"}).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_one_or_all_are_marked_as_read(maren: User) -> None:
    first, second = (make_notice(maren, clock.now()) for _one in range(2))
    client = sign_in(maren)
    client.post(f"{PATH}read/", {"notice": str(first.public_id)})
    assert set(Notice.objects.filter(read_at=None)) == {second}
    told = client.post(f"{PATH}read/", follow=True).content.decode()
    assert "Marked as read." in told
    assert "Nothing new" in told


def test_who_was_told_nothing_is_told_so(maren: User) -> None:
    assert "Nobody has told you anything yet." in text_of(sign_in(maren), PATH)


def test_every_page_has_the_bell_and_asks_nothing_for_it(maren: User) -> None:
    page = text_of(sign_in(maren), "/admin/approvals/")
    assert f'data-bell="{PATH}bell/"' in page
    assert f'href="{PATH}"' in page


def test_the_bell_counts_subjects_as_the_page_does(maren: User) -> None:
    first = make_notice(maren, clock.now())
    make_notice(maren, clock.now(), kind="approval.reminded", subject_id=first.subject_id)
    client = sign_in(maren)
    assert "1 thing is new" in text_of(client, PATH)
    assert 'data-bell-answer="1"' in text_of(client, f"{PATH}bell/")


@pytest.mark.parametrize("count", [0, 1, 7])
def test_the_bell_counts_in_few_queries(
    maren: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(count):
        make_notice(maren, clock.now())
    client = sign_in(maren)
    with django_assert_num_queries(BELL_QUERIES):
        page = text_of(client, f"{PATH}bell/")
    assert f'data-bell-answer="{count}"' in page
    assert "<html" not in page


def test_who_is_not_signed_in_sees_nothing(db: None) -> None:
    del db
    for path in (PATH, f"{PATH}bell/", SETTINGS, f"{PATH}failed/"):
        assert Client().get(path).status_code == 302


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_asks_as_often_however_much_was_told(
    maren: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(count):
        make_delivery(make_notice(maren, clock.now()), clock.now(), state="sent")
    client = sign_in(maren)
    text_of(client, PATH)
    with django_assert_num_queries(PAGE_QUERIES):
        text_of(client, PATH)


def test_messages_that_failed_are_sent_again_by_who_manages_access(
    maren: User, petra: User
) -> None:
    now = clock.now()
    fields = {"state": "failed", "error": "mail.refused", "attempts": 8, "tried_at": now}
    row = make_delivery(make_notice(maren, now, label="AP-7"), now, **fields)
    client = sign_in(petra)
    page = text_of(client, f"{PATH}failed/")
    assert "AP-7 waits for your decision" in page
    assert maren.label in page
    told = client.post(f"{PATH}failed/{row.public_id}/retry/", follow=True).content.decode()
    assert "It is being sent again." in told
    assert "No message failed" in told
    again = client.post(f"{PATH}failed/{row.public_id}/retry/", follow=True).content.decode()
    assert "This message did not fail." in again
    refusal = LedgerEntry.objects.get(kind="act.refused")
    assert refusal.subject_id == str(row.public_id)


def test_messages_that_failed_are_nobody_elses_page(maren: User) -> None:
    row = make_delivery(make_notice(maren, clock.now()), clock.now(), state="failed")
    client = sign_in(maren)
    assert client.get(f"{PATH}failed/").status_code == 404
    assert client.post(f"{PATH}failed/{row.public_id}/retry/").status_code == 404
    assert "Messages that failed" not in text_of(client, PATH)
    assert NoticeDelivery.objects.get().state == "failed"


def test_a_server_that_refuses_everybody_is_a_banner_for_who_manages_access(
    maren: User, petra: User
) -> None:
    now = clock.now()
    make_delivery(make_notice(maren, now), now, error="mail.unreachable", tried_at=now)
    banner = "The mail server refuses everything."
    for path in (PATH, f"{PATH}bell/", f"{PATH}failed/"):
        assert banner in text_of(sign_in(petra), path)
    assert banner not in text_of(sign_in(maren), PATH)


def test_a_person_chooses_how_they_are_told(maren: User) -> None:
    client = sign_in(maren)
    page = text_of(client, SETTINGS)
    assert "Requests to decide" in page
    assert "maren@example.com" in page
    told = client.post(f"{SETTINGS}save/", choice(), follow=True).content.decode()
    assert "Saved." in told
    row = NoticePreference.objects.get()
    assert row.manners["decide"]["high"] == "digest"
    assert row.manners["access"][""] == "off"
    assert (row.digest_times, row.zone) == (["09:00", "14:00"], "Europe/Berlin")
    assert 'value="09:00, 14:00"' in told
    stale = client.post(f"{SETTINGS}save/", choice(zone=""))
    assert "were changed since you opened them" in stale.content.decode()
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1
    assert NoticePreference.objects.get().zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"digest_times": "nine"}, "“nine” is no time of day"),
        ({"digest_times": ""}, "Name at least one time"),
        ({"quiet_begins": "25:00"}, "“25:00” is no time of day"),
        ({"zone": "Mars"}, "There is no such time zone"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_chosen_is_kept(
    maren: User, changes: dict[str, str], said: str
) -> None:
    answer = sign_in(maren).post(f"{SETTINGS}save/", choice(**changes))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert '<option value="digest" selected>' in page
    assert not NoticePreference.objects.exists()


def test_only_topics_that_can_reach_the_person_are_offered(db: None) -> None:
    del db
    page = text_of(sign_in(make_person("hugo", roles=[Role.HUMAN_AGENT])), SETTINGS)
    assert "Requests to decide" not in page
    assert "Cases handed to people" in page
    assert "no mail can leave" in page


def test_a_test_message_is_asked_for(maren: User) -> None:
    told = sign_in(maren).post(f"{SETTINGS}test/", follow=True).content.decode()
    assert "A test message is on its way." in told
    assert LedgerEntry.objects.get(kind="notification.tested").actor_id == str(maren.public_id)


@pytest.mark.parametrize("count", [1, 5])
def test_last_week_is_shown_as_it_would_have_left(
    maren: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at = clock.now() - timedelta(days=2)
    for _number in range(count):
        make_notice(maren, at)
    make_notice(maren, at, risk="low")
    make_notice(maren, at - timedelta(days=6))
    client = sign_in(maren)
    text_of(client, SETTINGS)
    with django_assert_num_queries(PAGE_QUERIES):
        page = text_of(client, SETTINGS)
    assert f"{count + 1} pieces of news." in page
    assert f"{count} mail" in page
    assert "1 digest" in page


def test_the_keys_of_the_bell_are_named(maren: User) -> None:
    page: Any = text_of(sign_in(maren), PATH)
    assert 'data-place="notices"' in page
    assert "notices</dd>" in page


def test_a_revision_of_any_length_is_no_reason_to_break(maren: User) -> None:
    form = choice(revision="9" * 5_000)
    answer = sign_in(maren).post("/admin/notices/settings/save/", form)
    assert answer.status_code < 500
