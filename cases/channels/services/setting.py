"""Prepare a channel, try a payload on it, let it send, stop it."""

import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from cases.channels import entries, rules
from cases.channels.models import InboundChannel
from cases.channels.proving import key_of
from cases.channels.selectors import place_of
from cases.channels.types import Arrived, ChannelState, Fields, Ignored, Scheme
from cases.memory.types import Channel
from governance.access.models import Queue, User
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.entries import SYSTEM_STREAM
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from governance.webhooks.rules import KEY_BYTES, secret_text
from orchestra.core.actors import Actor
from orchestra.core.canonical import loads_strict
from orchestra.core.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from orchestra.core.fields import uuid7
from orchestra.core.locking import compare_and_set, lock
from orchestra.core.sealing import seal

SUBJECT: Final = "channel"
#: How long an old secret verifies beside its successor.
OVERLAP: Final = timedelta(hours=24)
_KEY = re.compile(r"[a-z][a-z0-9-]{1,39}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,99}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants a channel to be.

    Attributes:
        key: Last part of its address.
        title: What people call it.
        scheme: How its requests are signed.
        channel: Where contacts happen if the payload does not say.
        queue: Key of the queue that new contacts come to; empty for the default one.
        fields: Where each part stands; for a scheme that ships, its own.
        secret: As the sending system shows it; empty lets us make one, where the scheme may.
    """

    key: str
    title: str
    scheme: Scheme
    channel: Channel
    queue: str = ""
    fields: Fields | None = None
    secret: str = ""
    signature_header: str = ""
    timestamp_header: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A channel, with the secret that was made for it; empty where it was given."""

    channel: InboundChannel
    secret: str


@one_act()
def create_channel(*, actor: Actor, now: datetime, wanted: Wanted) -> Made:
    """Prepare a channel; it takes nothing in until it was tried and started.

    Raises:
        NotPermittedError: The actor does not manage access.
        InvalidInputError: Something is missing or malformed; every field is named.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_MANAGE)
    fields = _checked(wanted)
    secret, made = _secret(wanted.scheme, wanted.secret)
    public_id = uuid7()
    channel = InboundChannel.objects.create(
        public_id=public_id,
        key=wanted.key,
        title=wanted.title.strip(),
        scheme=wanted.scheme,
        channel=wanted.channel,
        queue=_queue(wanted.queue),
        fields=rules.to_json(fields),
        signature_header=wanted.signature_header,
        timestamp_header=wanted.timestamp_header,
        sealed=seal(key_of(wanted.scheme, secret), place=place_of(public_id)),
        created_by=User.objects.get(public_id=actor.id),
        created_at=now,
    )
    _record(entries.CREATED, channel, actor, now)
    return Made(channel, secret if made else "")


@one_act()
def save_channel(
    *, actor: Actor, now: datetime, key: str, wanted: Wanted, revision: int
) -> InboundChannel:
    """Change how a channel is read; it then has to be tried and started again.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such channel.
        ConflictError: Somebody else changed it meanwhile.
        InvalidInputError: Something is missing or malformed; every field is named.
    """
    channel = _locked(actor, key)
    fields = _checked(wanted, is_new=False)
    changes = {
        "title": wanted.title.strip(),
        "channel": wanted.channel,
        "queue": _queue(wanted.queue),
        "fields": rules.to_json(fields),
        "signature_header": wanted.signature_header,
        "timestamp_header": wanted.timestamp_header,
        "revision": revision + 1,
        "state": ChannelState.TRYING,
    }
    compare_and_set(channel, expected={"revision": revision}, changes=changes, actor=actor)
    _record(entries.CHANGED, channel, actor, now)
    return channel


def try_payload(*, actor: Actor, channel: InboundChannel, text: str) -> Arrived | Ignored:
    """Return what would be read of a pasted payload; nothing of it is kept.

    That a message was read is noted, so that the channel may be started.

    Raises:
        NotPermittedError: The actor does not manage access.
        InvalidInputError: It is no JSON.
    """
    require(authority=authority_of(actor), capability=Capability.ACCESS_MANAGE)
    try:
        payload = loads_strict(text.encode())
    except (InvalidInputError, UnicodeEncodeError) as error:
        finding = FieldError("payload", "json", _("Paste the whole body, as JSON."))
        raise InvalidInputError(_("This cannot be read."), errors=[finding]) from error
    fields = rules.from_json(channel.fields)
    found = rules.read(fields, payload, own=Channel(channel.channel))
    if isinstance(found, Arrived):
        rows = InboundChannel.objects.filter(pk=channel.pk, revision=channel.revision)
        rows.update(tried_revision=channel.revision)
    return found


@one_act()
def start_channel(*, actor: Actor, now: datetime, key: str) -> InboundChannel:
    """Let a channel send contacts, once a message was read of a payload tried as it stands.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such channel.
        ConflictError: It sends already, or was not tried as it stands.
    """
    channel = _locked(actor, key)
    if channel.state == ChannelState.LIVE:
        raise ConflictError(_("It sends already."), code="channel.live")
    if channel.tried_revision != channel.revision:
        message = _("Try a payload first: no message was read of one since the last change.")
        raise ConflictError(message, code="channel.not_tried")
    before = {"state": channel.state, "revision": channel.revision}
    compare_and_set(channel, expected=before, changes={"state": ChannelState.LIVE}, actor=actor)
    _record(entries.STARTED, channel, actor, now)
    return channel


@one_act()
def stop_channel(*, actor: Actor, now: datetime, key: str) -> InboundChannel:
    """Take nothing in any more; senders are refused.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such channel.
        ConflictError: It does not send.
    """
    channel = _locked(actor, key)
    if channel.state != ChannelState.LIVE:
        raise ConflictError(_("It does not send now."), code="channel.not_live")
    live = {"state": ChannelState.LIVE}
    compare_and_set(channel, expected=live, changes={"state": ChannelState.STOPPED}, actor=actor)
    _record(entries.STOPPED, channel, actor, now)
    return channel


@one_act()
def change_secret(*, actor: Actor, now: datetime, key: str, secret: str) -> Made:
    """Give a channel another secret; the one before verifies beside it for a day.

    Raises:
        NotPermittedError: The actor does not manage access.
        NotFoundError: There is no such channel.
        InvalidInputError: It is no secret of the channel's scheme.
    """
    channel = _locked(actor, key)
    scheme = Scheme(channel.scheme)
    found, made = _secret(scheme, secret)
    changes = {
        "sealed": seal(key_of(scheme, found), place=place_of(channel.public_id)),
        "sealed_before": bytes(channel.sealed),
        "before_ends_at": now + OVERLAP,
    }
    InboundChannel.objects.filter(pk=channel.pk).update(**changes)
    _record(entries.SECRET_CHANGED, channel, actor, now)
    return Made(channel, found if made else "")


def _locked(actor: Actor, key: str) -> InboundChannel:
    require(authority=authority_of(actor), capability=Capability.ACCESS_MANAGE)
    rows = lock(InboundChannel.objects.filter(key=key))
    if not rows:
        raise NotFoundError(_("There is no such channel."), code="channel.not_found")
    return rows[0]


def _checked(wanted: Wanted, *, is_new: bool = True) -> Fields:
    findings = []
    if is_new and _KEY.fullmatch(wanted.key) is None:
        message = _("Small letters, digits and dashes, such as support-chat.")
        findings.append(FieldError("key", "invalid", message))
    elif is_new and InboundChannel.objects.filter(key=wanted.key).exists():
        findings.append(FieldError("key", "taken", _("Another channel has this address.")))
    if not wanted.title.strip():
        findings.append(FieldError("title", "required", _("Give it a name people recognise.")))
    if wanted.scheme is Scheme.HEADER:
        findings += [
            FieldError(name, "invalid", _("Name the header, such as X-Signature."))
            for name in ("signature_header", "timestamp_header")
            if _HEADER.fullmatch(getattr(wanted, name)) is None
        ]
    if wanted.queue and not Queue.objects.filter(key=wanted.queue).exists():
        findings.append(FieldError("queue", "unknown", _("There is no such queue.")))
    fields = rules.SHIPPED.get(wanted.scheme) or wanted.fields or Fields("", "", "", "")
    findings += rules.field_errors(fields)
    if is_new:
        findings += _secret_errors(wanted)
    if findings:
        raise InvalidInputError(_("Nothing was saved."), errors=findings)
    return fields


def _secret_errors(wanted: Wanted) -> list[FieldError]:
    try:
        _secret(wanted.scheme, wanted.secret)
    except InvalidInputError as error:
        return list(error.errors)
    return []


def _secret(scheme: Scheme, given: str) -> tuple[str, bool]:
    """Return a secret and whether it was made here.

    Raises:
        InvalidInputError: The sending system makes it, and none was given; or it is none.
    """
    if not given.strip() and scheme not in rules.SHIPPED:
        return secret_text(os.urandom(KEY_BYTES)), True
    try:
        key_of(scheme, given)
    except ValueError:
        message = _("Copy the secret from the sending system, as it shows it.")
        raise InvalidInputError(
            _("Nothing was saved."), errors=[FieldError("secret", "invalid", message)]
        ) from None
    return given.strip(), False


def _queue(key: str) -> Queue | None:
    return Queue.objects.get(key=key) if key else None


def _record(kind: str, channel: InboundChannel, actor: Actor, now: datetime) -> None:
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=SYSTEM_STREAM,
            kind=kind,
            payload={"label": channel.title, "key": channel.key, "scheme": str(channel.scheme)},
            subject_kind=SUBJECT,
            subject_id=str(channel.public_id),
        ),
    )
