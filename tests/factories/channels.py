"""Channels as rows, and requests as the systems that send them make them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cases.channels.models import InboundChannel
from cases.channels.rules import SHIPPED, to_json
from cases.channels.selectors import place_of
from cases.channels.types import Fields, Scheme
from governance.access.models import User
from orchestra.core.clock import rfc3339
from orchestra.core.fields import uuid7
from orchestra.core.sealing import seal

KEY = b"a secret of the sender"
_numbers = iter(range(1, 1_000_000))

GENERIC = Fields(
    event="$.type",
    messages=("message.sent",),
    message_id="$.data.id",
    thread="$.data.thread",
    customer_ref="$.data.customer",
    contact="$.data.from",
    text="$.data.body",
    at="$.data.at",
    author="$.data.role",
    authors={"user": "customer", "bot": "ai", "agent": "human"},
    channel="$.data.via",
    channels={"mail": "email"},
)


def make_channel(by: User, at: datetime, **given: Any) -> InboundChannel:
    """A channel as a bare row, whose key is ``KEY``."""
    scheme = Scheme(given.pop("scheme", Scheme.CHATWOOT))
    public_id = uuid7()
    values = {
        "key": f"channel-{next(_numbers)}",
        "title": "Support chat",
        "state": "trying",
        "fields": to_json(SHIPPED.get(scheme, GENERIC)),
    }
    return InboundChannel.objects.create(
        public_id=public_id,
        scheme=scheme,
        sealed=seal(KEY, place=place_of(public_id)),
        created_by=by,
        created_at=at,
        **{**values, **given},
    )


def signed(
    scheme: Scheme, payload: Any, at: datetime, key: bytes = KEY
) -> tuple[bytes, dict[str, str]]:
    """The body and the headers of a request, as its sender makes them at a moment."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    seconds = str(int(at.timestamp()))

    def mac(text: bytes) -> bytes:
        return hmac.new(key, text, hashlib.sha256).digest()

    headers: Mapping[Scheme, dict[str, str]] = {
        Scheme.STANDARD: {
            "webhook-id": "msg_1",
            "webhook-timestamp": seconds,
            "webhook-signature": "v1,"
            + base64.b64encode(mac(f"msg_1.{seconds}.".encode() + body)).decode(),
        },
        Scheme.HEADER: {
            "x-time": seconds,
            "x-sig": mac(f"{seconds}.".encode() + body).hex(),
        },
        Scheme.CHATWOOT: {
            "x-chatwoot-timestamp": seconds,
            "x-chatwoot-signature": "sha256=" + mac(f"{seconds}.".encode() + body).hex(),
        },
        Scheme.ZENDESK: {
            "x-zendesk-webhook-signature-timestamp": rfc3339(at),
            "x-zendesk-webhook-signature": base64.b64encode(
                mac(rfc3339(at).encode() + body)
            ).decode(),
        },
    }
    return body, headers[scheme]


def chatwoot(text: str = "Where is my lamp?", **given: Any) -> dict[str, Any]:
    """A message as Chatwoot sends one; ``conversation`` and ``contact`` are its ids."""
    contact = {
        "id": given.pop("contact", 7),
        "name": "Mia Garcia",
        "email": "mia@example.com",
        "identifier": given.pop("identifier", None),
    }
    conversation = {
        "id": given.pop("conversation", 42),
        "channel": given.pop("channel", "Channel::WebWidget"),
        "inbox_id": 3,
        "status": "open",
        "meta": {"sender": contact, "assignee": None, "hmac_verified": False},
    }
    return {
        "event": "message_created",
        "id": next(_numbers),
        "content": text,
        "content_type": "text",
        "created_at": "2026-11-19T19:04:00.000Z",
        "message_type": "incoming",
        "private": False,
        "sender": contact,
        "conversation": conversation,
        "inbox": {"id": 3, "name": "Website"},
        "account": {"id": 1, "name": "Lamps"},
        **given,
    }


def zendesk(text: str = "Where is my lamp?", **given: Any) -> dict[str, Any]:
    """A comment on a ticket as Zendesk sends one."""
    is_staff, is_public = given.pop("is_staff", False), given.pop("is_public", True)
    return {
        "account_id": 1234,
        "detail": {
            "id": given.pop("ticket", "5158"),
            "requester_id": "900",
            "status": "OPEN",
            "subject": "Lamp",
            "via": {"channel": given.pop("via", "email")},
        },
        "event": {
            "comment": {
                "id": next(_numbers),
                "body": text,
                "is_public": is_public,
                "author": {"id": "900", "is_staff": is_staff, "name": "Mia Garcia"},
            }
        },
        "id": "b5a0c3f2-0000-4000-8000-000000000001",
        "subject": "zen:ticket:5158",
        "time": "2026-11-19T19:04:00.123456789Z",
        "type": "zen:event-type:ticket.comment_added",
        "zendesk_event_version": "2022-11-06",
        **given,
    }
