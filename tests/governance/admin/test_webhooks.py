"""Endpoints and deliveries as pages: made, tried, stopped, rotated, sent again."""

from datetime import timedelta

import pytest
from django.test import Client

from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.registry import kinds
from governance.webhooks.catalogue import WORDS
from governance.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from orchestra.core import clock
from tests.factories.access import make_person
from tests.factories.webhooks import make_endpoint, make_webhook_delivery
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
PATH = "/admin/webhooks/"
FORM = {
    "title": "Data lake",
    "url": "https://hooks.example.com/orchestra",
    "event_types": ["case.resolved", "step.ready"],
}


@pytest.fixture
def petra(db: None) -> User:
    del db
    return make_person("petra", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def client(petra: User) -> Client:
    return sign_in(petra)


def test_every_event_that_can_be_chosen_is_one_that_is_written() -> None:
    assert [code for code in WORDS if kinds.find(code) is None] == []


def test_an_endpoint_is_made_and_its_secret_shown_once(client: Client) -> None:
    assert "No other system is told yet" in text_of(client, PATH)
    answer = client.post(f"{PATH}new/", FORM)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert page.count("whsec_") == 2
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.event_types == ["case.resolved", "step.ready"]
    shown = text_of(client, f"{PATH}{endpoint.public_id}/")
    assert "whsec_" not in shown
    assert "A case was resolved" in shown
    assert "A step became ready" in shown


def test_what_was_typed_stays_where_it_is_refused(client: Client) -> None:
    answer = client.post(f"{PATH}new/", {**FORM, "url": "ftp://hooks.example.com"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "must begin with http:// or https://" in page
    assert 'value="ftp://hooks.example.com"' in page
    assert page.count(" checked") == 2
    assert not WebhookEndpoint.objects.exists()


def test_a_change_over_anothers_is_told(client: Client, petra: User) -> None:
    endpoint = make_endpoint(petra, clock.now())
    link = f"{PATH}{endpoint.public_id}/edit/"
    assert f'value="{endpoint.title}"' in text_of(client, link)
    assert client.post(link, {**FORM, "revision": "1"}).status_code == 302
    answer = client.post(link, {**FORM, "revision": "1", "title": "Other"})
    assert answer.status_code == 409
    assert "changed since it was read" in answer.content.decode()
    endpoint.refresh_from_db()
    assert endpoint.title == "Data lake"


def test_each_act_does_what_it_says(client: Client, petra: User) -> None:
    endpoint = make_endpoint(petra, clock.now())
    link = f"{PATH}{endpoint.public_id}/"
    assert client.post(f"{link}acts/test/").status_code == 302
    assert WebhookDelivery.objects.get().type == "webhook.test"
    client.post(f"{link}acts/stop/")
    endpoint.refresh_from_db()
    assert endpoint.state == "stopped"
    assert "Start again" in text_of(client, link)
    client.post(f"{link}acts/start/")
    endpoint.refresh_from_db()
    assert endpoint.state == "active"
    answer = client.post(f"{link}rotate/", {"overlap": "24"})
    assert "whsec_" in answer.content.decode()
    assert "signs until" in text_of(client, link)
    assert client.post(f"{link}acts/nothing/").status_code == 404


def test_a_span_in_the_readers_zone_is_sent_again(client: Client, petra: User) -> None:
    User.objects.filter(pk=petra.pk).update(time_zone="Europe/Berlin")
    now = clock.now()
    endpoint = make_endpoint(petra, now)
    failed = make_webhook_delivery(endpoint, now, state="failed", ended_at=now)
    local = now + timedelta(hours=2)
    span = {"since": f"{now:%Y-%m-%dT%H:%M}", "until": f"{local:%Y-%m-%dT%H:%M}"}
    link = f"{PATH}{endpoint.public_id}/acts/replay/"
    page = client.post(link, span, follow=True).content.decode()
    assert "1 event is on its way" in page
    failed.refresh_from_db()
    assert failed.state == "waiting"
    page = client.post(link, {"since": "x", "until": ""}, follow=True).content.decode()
    assert "Give a day and a time for each end." in page


def test_a_delivery_tells_every_attempt_in_words(client: Client, petra: User) -> None:
    now = clock.now()
    failed = make_webhook_delivery(
        make_endpoint(petra, now), now, state="failed", error="webhook.refused", attempts=2
    )
    for status, code in ((0, "upstream.unreachable"), (500, "webhook.refused")):
        WebhookAttempt.objects.create(
            delivery=failed, at=now, status=status, error=code, milliseconds=1500
        )
    link = f"{PATH}deliveries/{failed.public_id}/"
    page = text_of(client, link)
    for words in (
        "the host could not be reached",
        "the receiver did not take it",
        "answered 500",
        "given up",
        f"msg_{failed.public_id.hex}",
    ):
        assert words in page
    client.post(f"{link}replay/")
    failed.refresh_from_db()
    assert failed.state == "waiting"
    # It is on its way now, so asking again is refused, and that is on record.
    assert "on its way already" in client.post(f"{link}replay/", follow=True).content.decode()
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_the_list_of_deliveries_narrows(client: Client, petra: User) -> None:
    now = clock.now()
    endpoint = make_endpoint(petra, now)
    make_webhook_delivery(endpoint, now, type="case.opened", state="failed")
    make_webhook_delivery(endpoint, now, type="case.closed", state="delivered")
    link = f"{PATH}{endpoint.public_id}/"
    assert {"A case was opened", "A case was closed"} <= set(WORDS.values())
    failed = text_of(client, f"{link}?show=failed")
    assert "A case was opened" in failed
    assert "A case was closed" not in failed
    assert client.get(f"{link}?show=nonsense").status_code == 404


def test_whoever_reads_access_sees_it_and_changes_nothing(petra: User) -> None:
    endpoint = make_endpoint(petra, clock.now())
    maren = sign_in(make_person("maren", roles=[Role.SUPERVISOR]))
    page = text_of(maren, f"{PATH}{endpoint.public_id}/")
    assert "Send a test event" not in page
    for act in ("acts/stop/", "rotate/", "edit/"):
        assert maren.post(f"{PATH}{endpoint.public_id}/{act}").status_code == 404
    endpoint.refresh_from_db()
    assert endpoint.state == "active"
    hugo = sign_in(make_person("hugo", roles=[Role.HUMAN_AGENT]))
    assert hugo.get(PATH).status_code == 404
