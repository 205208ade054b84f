"""Take in what a channel sends: verify, read, place in its case, once each.

Identity is what the sending system says, and stays a claim: nothing here verifies a customer.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from cases.channels import proving, rules
from cases.channels.models import ChannelMessage, ChannelThread, InboundChannel
from cases.channels.selectors import proof_of
from cases.channels.services.early import keep_early, place_early
from cases.channels.types import Arrived, ChannelState, Ignored, Outcome, SignatureRefusedError
from cases.journeys import services as journeys
from cases.memory.models import Case
from cases.memory.types import CaseStatus, Channel, Speaker
from governance.ledger.services import one_act
from orchestra.core.actors import Actor, system
from orchestra.core.canonical import loads_strict
from orchestra.core.errors import ConflictError, InvalidInputError
from orchestra.core.locking import lock_one, take_turn
from orchestra.core.sealing import SealBrokenError

log = structlog.get_logger(__name__)

_RUNNING: Final = (CaseStatus.OPEN, CaseStatus.HANDED_OFF)
#: Refusals are logged each, and counted at most so often: whoever holds no key writes little.
_COUNT_EVERY: Final = timedelta(seconds=1)


def receive(*, key: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Outcome:
    """Take in one request of a channel.

    Args:
        key: The channel's key.
        headers: Of the request, names in lower case.
        body: The bytes as they arrived.
        now: When, UTC.

    Returns:
        What became of it; an event that is no message is counted, and all right.

    Raises:
        SignatureRefusedError: There is no such channel, or the request does not prove that it
            comes from it; both alike.
        ConflictError: The channel takes nothing in now.
        InvalidInputError: It is signed, and no JSON, or holds what no case takes in.
    """
    channel = InboundChannel.objects.select_related("queue").filter(key=key).first()
    _verify(key, channel, headers, body, now)
    assert channel is not None  # noqa: S101  what is None was refused
    if channel.state != ChannelState.LIVE:
        raise ConflictError(_("This channel takes nothing in now."), code="channel.not_live")
    try:
        payload = loads_strict(body)
    except InvalidInputError:
        _note(channel, "ignored", now, error="channel.not_json")
        raise
    found = rules.read(rules.from_json(channel.fields), payload, own=Channel(channel.channel))
    if isinstance(found, Ignored):
        error = "" if found.why in {"kind", "not_meant", "author"} else f"channel.{found.why}"
        _note(channel, "ignored", now, error=error)
        return Outcome.IGNORED
    return _take(channel, found, now)


def _verify(
    key: str,
    channel: InboundChannel | None,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> None:
    why = "channel.unknown"
    if channel is not None:
        try:
            proof = proof_of(channel=channel, now=now)
            why = proving.why_refused(proof, headers=headers, body=body, now=now)
        except SealBrokenError as error:
            why = error.error_code
    if not why:
        return
    log.warning("channel.refused", channel=key, why=why)
    if channel is not None:
        quiet = Q(last_error_at=None) | Q(last_error_at__lt=now - _COUNT_EVERY)
        InboundChannel.objects.filter(quiet, pk=channel.pk).update(
            refused=F("refused") + 1, last_error=why, last_error_at=now
        )
    raise SignatureRefusedError(_("The request is not signed as it must be, or is too old."))


def _take(channel: InboundChannel, arrived: Arrived, now: datetime) -> Outcome:
    try:
        outcome = _place(channel, arrived, now)
    except InvalidInputError:
        _note(channel, "ignored", now, error="channel.not_acceptable")
        raise
    counted = {
        Outcome.TAKEN: "taken",
        Outcome.DUPLICATE: "duplicates",
        Outcome.UNPLACED: "unplaced",
        Outcome.IGNORED: "ignored",
    }
    _note(channel, counted[outcome], now)
    return outcome


@one_act()
def _place(channel: InboundChannel, arrived: Arrived, now: datetime) -> Outcome:
    # One conversation is taken in by one request at a time, so that it opens one case.
    digest = _digest(channel, arrived.thread)
    take_turn(f"channel-thread:{digest}")
    said_at = min(arrived.at, now) if arrived.at else now
    if not _is_first(channel, arrived, said_at):
        return Outcome.DUPLICATE
    threads = ChannelThread.objects.select_related("case__merged_into", "interaction")
    thread = threads.filter(inbound=channel, digest=digest).first()
    if thread is not None and _place_of(thread).status != CaseStatus.CLOSED:
        _say(channel, thread, arrived, said_at, now)
        return Outcome.TAKEN
    if arrived.speaker is not Speaker.CUSTOMER:
        # A case begins with its customer's words; these wait for them.
        if not keep_early(
            channel=channel, thread=digest, arrived=arrived, said_at=said_at, now=now
        ):
            transaction.set_rollback(True)
        return Outcome.UNPLACED
    opened = journeys.open_case(
        actor=_actor(channel), now=now, contact=_contact(channel, arrived, said_at)
    )
    begun, _is_new = ChannelThread.objects.update_or_create(
        inbound=channel,
        digest=digest,
        defaults={"case": opened.case, "interaction": opened.interaction, "created_at": now},
    )
    place_early(actor=_actor(channel), channel=channel, thread=begun, now=now)
    return Outcome.TAKEN


def _place_of(thread: ChannelThread) -> Case:
    """Return the case a conversation goes on in: the one that took its own in, if one did."""
    return thread.case.merged_into or thread.case


def _is_first(channel: InboundChannel, arrived: Arrived, said_at: datetime) -> bool:
    try:
        with transaction.atomic():
            ChannelMessage.objects.create(
                inbound=channel, digest=_digest(channel, arrived.message_id), at=said_at
            )
    except IntegrityError:
        return False
    return True


def _say(
    channel: InboundChannel,
    thread: ChannelThread,
    arrived: Arrived,
    said_at: datetime,
    now: datetime,
) -> None:
    case = lock_one(Case.objects.filter(pk=_place_of(thread).pk))
    actor = _actor(channel)
    is_customer = arrived.speaker is Speaker.CUSTOMER
    if is_customer and case.status == CaseStatus.RESOLVED and said_at > (case.resolved_at or now):
        reason = "the customer wrote again"
        case = journeys.reopen(actor=actor, now=now, case=case, reason=reason)
    journeys.add_message(
        actor=actor,
        now=now,
        case=case,
        speaker=arrived.speaker,
        text=arrived.text,
        interaction_id=thread.interaction.public_id if case.pk == thread.case_id else None,
        at=said_at,
    )


def _contact(channel: InboundChannel, arrived: Arrived, said_at: datetime) -> journeys.Contact:
    # A contact that only the sending system knows is known here under that system's name.
    ref = arrived.customer_ref or f"{channel.key}:{arrived.contact}"[:200]
    # Whoever comes back by another way goes on with what runs, in whichever queue it is now.
    running = (
        Case.objects.filter(customer__ref=ref, status__in=_RUNNING)
        .select_related("queue")
        .order_by("-pk")
        .first()
    )
    own = channel.queue.key if channel.queue else ""
    return journeys.Contact(
        channel=arrived.channel,
        text=arrived.text,
        customer_ref=ref,
        customer_name=arrived.name,
        queue=running.queue.key if running else own,
        said_at=said_at,
    )


def _actor(channel: InboundChannel) -> Actor:
    return system(f"channel:{channel.key}")


def _digest(channel: InboundChannel, name: str) -> str:
    return sha256(f"{channel.public_id}\n{name}".encode()).hexdigest()


def _note(channel: InboundChannel, counted: str, now: datetime, *, error: str = "") -> None:
    changes: dict[str, Any] = {counted: F(counted) + 1}
    if counted == "taken":
        changes["last_taken_at"] = now
    if error:
        changes |= {"last_error": error, "last_error_at": now}
        log.warning("channel.unreadable", channel=channel.key, why=error)
    InboundChannel.objects.filter(pk=channel.pk).update(**changes)
