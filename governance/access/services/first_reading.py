"""That an AI agent has asked for its steps, once: the proof that it listens to what comes next."""

from datetime import datetime
from typing import Final

from django.core.cache import cache

from governance.access import entries
from governance.ledger import services as ledger
from governance.ledger.selectors import find_last
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.locking import take_turn

#: Only spares the question; the ledger says whether it was recorded.
_REMEMBERED_SECONDS: Final = 24 * 60 * 60


def note_steps_read(*, actor: Actor, now: datetime) -> None:
    """Record the first time that an AI agent asks for its steps; nothing for anybody else.

    Args:
        actor: Who asked.
        now: When, UTC.
    """
    if not actor.is_agent or not cache.add(
        f"steps-read:{actor.id}", value=True, timeout=_REMEMBERED_SECONDS
    ):
        return
    with ledger.one_act():
        take_turn(f"steps-read:{actor.id}")
        if find_last(subject_id=actor.id, of_kinds=[entries.AGENT_STEPS_READ]) is None:
            ledger.append_entry(
                actor=actor,
                now=now,
                draft=EntryDraft(
                    stream=f"agent:{actor.id}",
                    kind=entries.AGENT_STEPS_READ,
                    payload={"agent": actor.label},
                    subject_kind="agent",
                    subject_id=actor.id,
                ),
            )
