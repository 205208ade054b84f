"""What is read of payloads, and which mappings can be read by."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.channels import rules
from cases.channels.types import Arrived, Fields, Ignored, Scheme
from cases.memory.types import Channel, Speaker
from tests.factories.channels import GENERIC, chatwoot, zendesk

CHATWOOT, ZENDESK = rules.SHIPPED[Scheme.CHATWOOT], rules.SHIPPED[Scheme.ZENDESK]
SAID_AT = datetime(2026, 11, 19, 19, 4, tzinfo=UTC)


def read(fields: Fields, payload: Any) -> Arrived | Ignored:
    return rules.read(fields, payload, own=Channel.CHAT)


def message(**data: Any) -> dict[str, Any]:
    known = {
        "id": "m-1",
        "thread": "t-1",
        "from": "c-1",
        "customer": "mia_garcia_4516",
        "body": "Hello",
        "at": 1795115040,
        "role": "user",
        "via": "mail",
    }
    return {"type": "message.sent", "data": {**known, **data}}


def test_a_message_of_chatwoot_is_read() -> None:
    payload = chatwoot(identifier="mia_garcia_4516")
    assert read(CHATWOOT, payload) == Arrived(
        message_id=str(payload["id"]),
        thread="42",
        contact="7",
        customer_ref="mia_garcia_4516",
        name="Mia Garcia",
        channel=Channel.CHAT,
        speaker=Speaker.CUSTOMER,
        text="Where is my lamp?",
        at=SAID_AT,
    )
    # Older installations write the time with a blank and the zone's name.
    found = read(CHATWOOT, chatwoot(created_at="2026-11-19 19:04:00 UTC"))
    assert isinstance(found, Arrived)
    assert (found.at, found.customer_ref) == (SAID_AT, "")


def test_a_comment_of_zendesk_is_read() -> None:
    payload = zendesk()
    found = read(ZENDESK, payload)
    assert isinstance(found, Arrived)
    assert found.message_id == str(payload["event"]["comment"]["id"])
    assert (found.thread, found.contact, found.channel) == ("5158", "900", Channel.EMAIL)
    assert (found.speaker, found.at) == (Speaker.CUSTOMER, SAID_AT.replace(microsecond=123456))
    staff = read(ZENDESK, zendesk(is_staff=True, via="web_service"))
    assert isinstance(staff, Arrived)
    assert (staff.speaker, staff.channel) == (Speaker.HUMAN, Channel.CHAT)


@pytest.mark.parametrize(
    ("fields", "payload", "why"),
    [
        (CHATWOOT, chatwoot(event="conversation_updated"), "kind"),
        (CHATWOOT, chatwoot(private=True), "not_meant"),
        (CHATWOOT, chatwoot(message_type="activity"), "author"),
        (CHATWOOT, chatwoot(message_type="template"), "author"),
        (CHATWOOT, chatwoot(content=None), "lacks_text"),
        (CHATWOOT, chatwoot(text="  "), "lacks_text"),
        (CHATWOOT, chatwoot(created_at="yesterday"), "lacks_at"),
        (CHATWOOT, chatwoot(text="x" * 20_001), "too_long"),
        (CHATWOOT, chatwoot(conversation=None), "lacks_thread"),
        (CHATWOOT, [], "kind"),
        (CHATWOOT, None, "kind"),
        (ZENDESK, zendesk(is_public=False), "not_meant"),
        (ZENDESK, zendesk(type="zen:event-type:ticket.created"), "kind"),
        (GENERIC, message(role="robot"), "author"),
        (GENERIC, message(id={"a": 1}), "lacks_message_id"),
        (GENERIC, message(**{"from": "x" * 201}), "too_long"),
    ],
)
def test_what_is_no_message_is_told_apart(fields: Fields, payload: Any, why: str) -> None:
    assert read(fields, payload) == Ignored(why)


def test_a_mapping_of_ones_own_is_followed() -> None:
    found = read(GENERIC, message())
    assert isinstance(found, Arrived)
    assert (found.channel, found.customer_ref) == (Channel.EMAIL, "mia_garcia_4516")
    assert found.at == datetime.fromtimestamp(1795115040, UTC)
    for role, speaker in (("bot", Speaker.AI), ("agent", Speaker.HUMAN)):
        other = read(GENERIC, message(role=role, via="pigeon", at=1795115040000))
        assert isinstance(other, Arrived)
        assert (other.speaker, other.channel, other.at) == (speaker, Channel.CHAT, found.at)
    always = replace(GENERIC, event="", author="", at="", channel="")
    plain = read(always, message(role=None))
    assert isinstance(plain, Arrived)
    assert (plain.speaker, plain.at) == (Speaker.CUSTOMER, None)


def test_a_mapping_comes_back_as_it_was_stored() -> None:
    for fields in (GENERIC, CHATWOOT, ZENDESK):
        assert rules.from_json(rules.to_json(fields)) == fields
        assert rules.field_errors(fields) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"thread": "thread"}, "thread"),
        ({"thread": "$"}, "thread"),
        ({"at": "$.a b"}, "at"),
        ({"messages": ()}, "messages"),
        ({"authors": {"bot": "ai"}}, "authors"),
    ],
)
def test_a_mapping_that_cannot_be_read_by_is_named(changes: dict[str, Any], field: str) -> None:
    errors = rules.field_errors(replace(GENERIC, **changes))
    assert [error.field for error in errors] == [field]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "event",
                    "id",
                    "content",
                    "conversation",
                    "meta",
                    "private",
                    "created_at",
                    "message_type",
                    "sender",
                ]
            ),
            inner,
            max_size=9,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_no_payload_whatever_breaks_the_reading(payload: Any) -> None:
    fields = replace(CHATWOOT, event="", only_if={}, author="")
    assert isinstance(read(fields, payload), Arrived | Ignored)
