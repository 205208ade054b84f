"""Who prepares channels, what is refused, and that only what was tried goes live."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.channels import services
from cases.channels.models import InboundChannel
from cases.channels.proving import key_of
from cases.channels.selectors import proof_of
from cases.channels.types import Arrived, Fields, Ignored, Scheme, SignatureRefusedError
from cases.memory.types import Channel
from governance.access.models import User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.channels import GENERIC, KEY, make_channel

pytestmark = pytest.mark.django_db
WANTED = services.Wanted("desk", "Desk", Scheme.STANDARD, Channel.EMAIL, fields=GENERIC)


def test_a_channel_is_prepared_tried_and_started(petra: User, now: datetime) -> None:
    actor = petra.as_actor()
    made = services.create_channel(actor=actor, now=now, wanted=WANTED)
    channel = made.channel
    assert made.secret.startswith("whsec_")
    assert proof_of(channel=channel, now=now).keys == (key_of(Scheme.STANDARD, made.secret),)
    with pytest.raises(ConflictError):
        services.start_channel(actor=actor, now=now, key="desk")
    data = {"id": "1", "thread": "2", "from": "3", "body": "Hi", "at": 1795115040, "role": "user"}
    unread = services.try_payload(actor=actor, channel=channel, text='{"type":"other"}')
    assert unread == Ignored("kind")
    with pytest.raises(ConflictError):
        services.start_channel(actor=actor, now=now, key="desk")
    text = json.dumps({"type": "message.sent", "data": data})
    assert isinstance(services.try_payload(actor=actor, channel=channel, text=text), Arrived)
    assert services.start_channel(actor=actor, now=now, key="desk").state == "live"
    # A change puts it back to be tried.
    change = {"actor": actor, "now": now, "key": "desk", "wanted": WANTED}
    assert services.save_channel(**change, revision=1).state == "trying"
    with pytest.raises(ConflictError):
        services.save_channel(**change, revision=1)
    with pytest.raises(ConflictError):
        services.start_channel(actor=actor, now=now, key="desk")
    kinds = list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["channel.created", "channel.started", "channel.changed"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "Desk"}, "key"),
        ({"key": "taken"}, "key"),
        ({"title": " "}, "title"),
        ({"queue": "nowhere"}, "queue"),
        ({"scheme": Scheme.CHATWOOT}, "secret"),
        ({"secret": "no prefix"}, "secret"),
        ({"fields": replace(GENERIC, text="")}, "text"),
        ({"fields": None}, "message_id"),
        ({"scheme": Scheme.HEADER, "timestamp_header": "X-Time"}, "signature_header"),
    ],
)
def test_what_is_missing_or_malformed_is_named(
    petra: User, now: datetime, changes: dict[str, Any], field: str
) -> None:
    make_channel(petra, now, key="taken")
    with pytest.raises(InvalidInputError) as caught:
        services.create_channel(actor=petra.as_actor(), now=now, wanted=replace(WANTED, **changes))
    assert caught.value.errors[0].field == field
    assert InboundChannel.objects.count() == 1
    assert not LedgerEntry.objects.exists()


def test_a_shipped_scheme_keeps_its_own_mapping(petra: User, now: datetime) -> None:
    wanted = replace(
        WANTED, scheme=Scheme.CHATWOOT, secret="from there", fields=Fields("", "", "", "")
    )
    made = services.create_channel(actor=petra.as_actor(), now=now, wanted=wanted)
    assert made.secret == ""
    assert made.channel.fields["text"] == "$.content"


def test_the_secret_before_verifies_for_a_day(petra: User, now: datetime) -> None:
    channel = make_channel(petra, now)
    services.change_secret(actor=petra.as_actor(), now=now, key=channel.key, secret="a new one")
    channel.refresh_from_db()
    assert proof_of(channel=channel, now=now).keys == (b"a new one", KEY)
    later = now + timedelta(hours=24)
    assert proof_of(channel=channel, now=later).keys == (b"a new one",)


def test_only_who_manages_access_changes_channels(petra: User, now: datetime) -> None:
    channel = make_channel(petra, now, tried_revision=1)
    actor = make_person("olga", roles=[Role.COMPLIANCE_OFFICER]).as_actor()
    one = {"actor": actor, "now": now, "key": channel.key}
    for act in (
        lambda: services.create_channel(actor=actor, now=now, wanted=WANTED),
        lambda: services.save_channel(**one, wanted=WANTED, revision=1),
        lambda: services.start_channel(**one),
        lambda: services.stop_channel(**one),
        lambda: services.change_secret(**one, secret="x"),
        lambda: services.try_payload(actor=actor, channel=channel, text="{}"),
    ):
        with pytest.raises(NotPermittedError):
            act()
    channel.refresh_from_db()
    assert (channel.state, channel.revision) == ("trying", 1)
    assert not LedgerEntry.objects.exists()


def test_a_secret_that_cannot_be_opened_lets_nobody_in(
    petra: User, now: datetime, settings: Any
) -> None:
    channel = make_channel(petra, now, state="live")
    settings.SECRET_KEY = "another"
    with pytest.raises(SignatureRefusedError):
        services.receive(key=channel.key, headers={}, body=b"{}", now=now)
    channel.refresh_from_db()
    assert channel.last_error == "sealed.unreadable"
