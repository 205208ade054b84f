"""The centre's own words that arrive before the customer's: kept, and placed behind them.

A case begins with its customer's words, and systems do not promise an order. What is kept has no
case and no customer yet, so it lies sealed, and not for longer than a day.
"""

import json
from datetime import datetime, timedelta
from typing import Final

from cases.channels.models import ChannelEarly, ChannelThread, InboundChannel
from cases.channels.types import Arrived
from cases.journeys import services as journeys
from cases.memory.types import Speaker
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.sealing import seal, unseal

KEPT: Final = timedelta(hours=24)
#: Of one conversation; more is no greeting.
MOST: Final = 50


def keep_early(
    *, channel: InboundChannel, thread: str, arrived: Arrived, said_at: datetime, now: datetime
) -> bool:
    """Keep a message whose conversation has no case yet; return whether there was room.

    Args:
        channel: Where it came from.
        thread: Digest of its conversation, whose turn the caller holds.
        arrived: The message.
        said_at: When it was said.
        now: When it arrived.
    """
    rows = ChannelEarly.objects.filter(inbound=channel, thread=thread, kept_at__gt=now - KEPT)
    if rows.count() >= MOST:
        return False
    words = json.dumps({"speaker": str(arrived.speaker), "text": arrived.text})
    ChannelEarly.objects.create(
        inbound=channel,
        thread=thread,
        sealed=seal(words.encode(), place=_place(channel, thread)),
        said_at=said_at,
        kept_at=now,
    )
    return True


def place_early(
    *, actor: Actor, channel: InboundChannel, thread: ChannelThread, now: datetime
) -> int:
    """Record what was kept of a conversation in its case, in the order it was said.

    Args:
        actor: The channel.
        channel: Where it came from.
        thread: The conversation, whose case stands now.
        now: When it is recorded.

    Returns:
        How many messages.
    """
    kept = ChannelEarly.objects.filter(inbound=channel, thread=thread.digest)
    rows = list(kept.filter(kept_at__gt=now - KEPT).order_by("said_at", "pk"))
    for row in rows:
        words = json.loads(unseal(bytes(row.sealed), place=_place(channel, row.thread)))
        journeys.add_message(
            actor=actor,
            now=now,
            case=thread.case,
            speaker=Speaker(words["speaker"]),
            text=words["text"],
            interaction_id=thread.interaction.public_id,
            at=row.said_at,
        )
    kept.delete()
    return len(rows)


@one_act()
def forget_early(*, now: datetime) -> int:
    """Delete what no customer's words followed within a day; return how much."""
    deleted, _each = ChannelEarly.objects.filter(kept_at__lte=now - KEPT).delete()
    return deleted


def _place(channel: InboundChannel, thread: str) -> str:
    return f"channel-early:{channel.public_id}:{thread}"
