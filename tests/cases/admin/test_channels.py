"""Channels as pages and as an address: prepared, tried, started, sent to."""

import json
from typing import Any

import pytest
from django.test import Client

from cases.channels.models import InboundChannel
from cases.channels.types import Scheme
from cases.memory.models import Case, Message
from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.factories.access import make_person, make_queue
from tests.factories.channels import chatwoot, make_channel, signed
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
PATH = "/admin/channels/"
FORM = {
    "scheme": "standard",
    "key": "desk",
    "title": "Desk",
    "channel": "email",
    "path_message_id": "$.id",
    "path_thread": "$.thread",
    "path_contact": "$.from",
    "path_text": "$.body",
    "path_author": "$.role",
    "author_customer": "user, guest",
    "author_ai": "bot",
}


@pytest.fixture
def petra(db: None) -> User:
    del db
    return make_person("petra", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def client(petra: User) -> Client:
    return sign_in(petra)


def test_a_channel_is_prepared_tried_and_started_on_its_pages(client: Client) -> None:
    assert "No system sends contacts yet" in text_of(client, PATH)
    assert "Zendesk" in text_of(client, f"{PATH}prepare/new/")
    assert "Where each part stands" in text_of(client, f"{PATH}prepare/new/?scheme=standard")
    answer = client.post(f"{PATH}prepare/new/", FORM)
    assert answer.content.decode().count("whsec_") == 2
    assert "no-store" in answer["Cache-Control"]
    channel = InboundChannel.objects.get()
    assert channel.fields["authors"] == {"user": "customer", "guest": "customer", "bot": "ai"}
    link = f"{PATH}desk/"
    page = text_of(client, link)
    assert "/api/v1/channels/desk/" in page
    assert "whsec_" not in page
    assert "Start it" not in page
    payload = {"id": 1, "thread": "t", "from": "f", "body": "My <b>lamp</b>", "role": "guest"}
    page = client.post(f"{link}try/", {"payload": json.dumps(payload)}).content.decode()
    assert "My &lt;b&gt;lamp&lt;/b&gt;" in page
    assert "Start it" in page
    assert not Case.objects.exists()
    client.post(f"{link}acts/start/")
    channel.refresh_from_db()
    assert channel.state == "live"
    client.post(f"{link}acts/stop/")
    channel.refresh_from_db()
    assert channel.state == "stopped"


def test_what_cannot_be_read_is_said_and_what_was_pasted_stays(client: Client, petra: User) -> None:
    channel = make_channel(petra, clock.now())
    link = f"{PATH}{channel.key}/"
    answer = client.post(f"{link}try/", {"payload": "{not json"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Paste the whole body, as JSON." in page
    assert "{not json" in page
    page = client.post(f"{link}try/", {"payload": json.dumps(chatwoot(private=True))})
    assert "Not for the customer, such as a private note" in page.content.decode()
    answer = client.post(f"{link}acts/start/", follow=True)
    assert "Try a payload first" in answer.content.decode()
    assert LedgerEntry.objects.filter(kind="act.refused").count() == 1


def test_what_was_typed_stays_where_it_is_refused(client: Client, petra: User) -> None:
    answer = client.post(f"{PATH}prepare/new/", {**FORM, "path_text": "body"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A path begins with $" in page
    assert 'value="user, guest"' in page
    assert not InboundChannel.objects.exists()
    channel = make_channel(petra, clock.now())
    link = f"{PATH}{channel.key}/edit/"
    assert 'name="title" maxlength="100" required value="Support chat"' in text_of(client, link)
    change = {"title": "Chat", "channel": "web", "revision": "1"}
    assert client.post(link, change).status_code == 302
    assert client.post(link, change).status_code == 409
    channel.refresh_from_db()
    assert (channel.title, channel.channel, channel.revision) == ("Chat", "web", 2)


def test_a_secret_is_changed_on_the_page(client: Client, petra: User) -> None:
    channel = make_channel(petra, clock.now())
    link = f"{PATH}{channel.key}/secret/"
    page = client.post(link, {"secret": ""}, follow=True).content.decode()
    assert "Copy the secret from the sending system" in page
    page = client.post(link, {"secret": "another"}, follow=True).content.decode()
    assert "The one before works on for a day." in page
    assert "another" not in page.replace("Another", "")


def test_whoever_reads_access_sees_it_and_changes_nothing(petra: User) -> None:
    channel = make_channel(
        petra,
        clock.now(),
        last_error="channel.signature",
        last_error_at=clock.now(),
        tried_revision=1,
    )
    maren = sign_in(make_person("maren", roles=[Role.SUPERVISOR]))
    assert "a request with a wrong signature was refused" in text_of(maren, PATH)
    page = text_of(maren, f"{PATH}{channel.key}/")
    assert "See what is read" not in page
    for act in ("acts/start/", "try/", "secret/", "edit/"):
        assert maren.post(f"{PATH}{channel.key}/{act}").status_code == 404
    channel.refresh_from_db()
    assert channel.state == "trying"


def post(channel: InboundChannel, payload: Any, **headers: str) -> Any:
    body, signature = signed(Scheme.CHATWOOT, payload, clock.now())
    return Client(enforce_csrf_checks=True).post(
        f"/api/v1/channels/{channel.key}/",
        body,
        content_type="application/json",
        headers={**signature, **headers},
    )


def test_the_address_takes_in_what_is_signed_and_tells_nobody_else_anything(petra: User) -> None:
    make_queue("care", title="Care", is_default=True)
    channel = make_channel(petra, clock.now(), state="live")
    payload = chatwoot()
    answer = post(channel, payload)
    assert (answer.status_code, answer.json()) == (200, {"outcome": "taken"})
    assert post(channel, payload).json() == {"outcome": "duplicate"}
    assert post(channel, chatwoot(event="message_updated")).json() == {"outcome": "ignored"}
    bad = post(channel, payload, **{"x-chatwoot-signature": "sha256=" + "0" * 64})
    channel.key = "nobody"
    unknown = post(channel, payload)
    assert bad.status_code == unknown.status_code == 401
    assert bad.json()["code"] == unknown.json()["code"] == "channel.refused"
    assert Message.objects.count() == 1
