"""What is read of a payload, and the mappings that ship; pure."""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from cases.channels.types import Arrived, Fields, Ignored, Scheme
from cases.memory.rules import MAX_TEXT
from cases.memory.types import Channel, Speaker
from cases.tools.paths import MISSING, is_well_formed, resolve
from orchestra.core.errors import FieldError

Json = Any

_SPEAKS: Final = frozenset(Speaker)
_PATHS: Final = (
    *("event", "message_id", "thread", "customer_ref", "contact", "name"),
    *("text", "at", "author", "channel"),
)
_NEEDED: Final = ("message_id", "thread", "contact", "text")
_LONGEST: Final = 200
_IS_ISO_LIKE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) UTC")
_MILLISECONDS_FROM: Final = 10**11

#: Where the two systems whose payloads are known put each part.
SHIPPED: Final[Mapping[Scheme, Fields]] = MappingProxyType(
    {
        Scheme.CHATWOOT: Fields(
            event="$.event",
            messages=("message_created",),
            message_id="$.id",
            thread="$.conversation.id",
            customer_ref="$.conversation.meta.sender.identifier",
            contact="$.conversation.meta.sender.id",
            name="$.conversation.meta.sender.name",
            text="$.content",
            at="$.created_at",
            author="$.message_type",
            authors={"incoming": Speaker.CUSTOMER, "outgoing": Speaker.HUMAN},
            channel="$.conversation.channel",
            channels={
                "Channel::WebWidget": Channel.CHAT,
                "Channel::Email": Channel.EMAIL,
                "Channel::Voice": Channel.VOICE,
            },
            only_if={"$.private": "false"},
        ),
        Scheme.ZENDESK: Fields(
            event="$.type",
            messages=("zen:event-type:ticket.comment_added",),
            message_id="$.event.comment.id",
            thread="$.detail.id",
            contact="$.detail.requester_id",
            text="$.event.comment.body",
            at="$.time",
            author="$.event.comment.author.is_staff",
            authors={"false": Speaker.CUSTOMER, "true": Speaker.HUMAN},
            channel="$.detail.via.channel",
            channels={
                "email": Channel.EMAIL,
                "chat": Channel.CHAT,
                "native_messaging": Channel.CHAT,
                "voice": Channel.VOICE,
                "web": Channel.WEB,
            },
            only_if={"$.event.comment.is_public": "true"},
        ),
    }
)


def field_errors(found: Fields) -> list[FieldError]:
    """Return what is wrong with a mapping, by field."""
    errors = [
        FieldError(name, "required", "Say where it stands.")
        for name in _NEEDED
        if not getattr(found, name)
    ]
    errors += [
        FieldError(name, "path", "A path begins with $ and reads like $.message.id.")
        for name in _PATHS
        if getattr(found, name) and not _is_path(getattr(found, name))
    ]
    if found.event and not found.messages:
        errors.append(FieldError("messages", "required", "Say which kinds are messages."))
    if found.author and not set(found.authors.values()) & {Speaker.CUSTOMER}:
        errors.append(FieldError("authors", "required", "Say which value is the customer."))
    return errors


def _is_path(text: str) -> bool:
    return is_well_formed(text) and text.startswith("$.")


def to_json(found: Fields) -> dict[str, Json]:
    """Return a mapping as it is stored."""
    values = {each.name: getattr(found, each.name) for each in fields(found)}
    return {
        name: list(value) if isinstance(value, tuple) else dict(value) if _is_map(value) else value
        for name, value in values.items()
    }


def from_json(stored: Mapping[str, Json]) -> Fields:
    """Return a stored mapping."""
    values = dict(stored)
    return Fields(**{**values, "messages": tuple(values.get("messages", ()))})


def read(found: Fields, payload: Json, *, own: Channel) -> Arrived | Ignored:
    """Return the message that a payload holds, or why it holds none.

    Args:
        found: Where each part stands.
        payload: The body, read.
        own: Where the contact happens if the payload does not say.
    """
    if found.event and _text(payload, found.event) not in found.messages:
        return Ignored("kind")
    if any(_text(payload, path) != value for path, value in found.only_if.items()):
        return Ignored("not_meant")
    speaker = Speaker.CUSTOMER
    if found.author:
        named = found.authors.get(_text(payload, found.author))
        if named not in _SPEAKS:
            return Ignored("author")
        speaker = Speaker(named)
    return _message(found, payload, own, speaker)


def _message(found: Fields, payload: Json, own: Channel, speaker: Speaker) -> Arrived | Ignored:
    parts = {name: _text(payload, getattr(found, name)) for name in _NEEDED}
    lacking = [name for name in _NEEDED if not parts[name].strip()]
    if lacking:
        return Ignored(f"lacks_{lacking[0]}")
    if any(len(parts[name]) > _LONGEST for name in _NEEDED[:3]) or len(parts["text"]) > MAX_TEXT:
        return Ignored("too_long")
    at = _at(payload, found.at)
    if found.at and at is None:
        return Ignored("lacks_at")
    return Arrived(
        message_id=parts["message_id"],
        thread=parts["thread"],
        contact=parts["contact"],
        customer_ref=_text(payload, found.customer_ref).strip()[:_LONGEST],
        name=_text(payload, found.name).strip()[:_LONGEST],
        channel=Channel(found.channels.get(_text(payload, found.channel), own)),
        speaker=speaker,
        text=parts["text"],
        at=at,
    )


def _text(payload: Json, path: str) -> str:
    """Return what stands at a path as text; nothing, and what is no plain value, is empty."""
    value = _value(payload, path)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else ""


def _value(payload: Json, path: str) -> Json:
    if not path:
        return None
    value = resolve(path, root=payload, reads={})
    return None if value is MISSING else value


def _at(payload: Json, path: str) -> datetime | None:
    value = _value(payload, path)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    return _from_text(value) if isinstance(value, str) else None


def _from_number(value: float) -> datetime | None:
    try:
        seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _from_text(text: str) -> datetime | None:
    if text.isascii() and text.isdigit():
        return _from_number(int(text[:15]))
    try:
        found = datetime.fromisoformat(_IS_ISO_LIKE.sub(r"\1T\2+00:00", text))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _is_map(value: object) -> bool:
    return isinstance(value, Mapping)
