"""Records that an authenticated, well-formed act was refused."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import transaction

from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind

#: Entries one actor can cause in a minute by being refused; further ones are counted only.
CAP_PER_MINUTE = 30


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused act.

    Attributes:
        act: What was tried, such as ``POST approval.vote``.
        code: Stable code of the refusal.
        message: What the actor was told.
        case_id: Public id of the case where the actor may see it, else empty.
        subject_id: Id of what the act was on, as the caller named it.
    """

    act: str
    code: str
    message: str
    case_id: str = ""
    subject_id: str = ""


def record_refusal(*, actor: Actor, now: datetime, refusal: Refusal) -> None:
    """Append one ``act.refused`` entry; call it after the rollback, in its own transaction.

    The entry stands in the case's stream where one is named, else in the actor's. Beyond
    the cap nothing is written, and the next entry tells how many were left out.
    """
    key = f"refusals:{actor.id}:{now:%Y%m%d%H%M}"
    cache.add(key, 0, timeout=120)
    count = cache.incr(key)
    left_out_key = f"refusals:{actor.id}:left-out"
    if count > CAP_PER_MINUTE:
        cache.add(left_out_key, 0, timeout=None)
        cache.incr(left_out_key)
        return
    left_out = cache.get(left_out_key, 0)
    if left_out:
        cache.delete(left_out_key)
    with transaction.atomic():
        append_entry(
            actor=actor,
            now=now,
            draft=EntryDraft(
                stream=f"case:{refusal.case_id}" if refusal.case_id else _own_stream(actor),
                kind="act.refused",
                subject_kind="act",
                subject_id=refusal.subject_id[:100],
                payload={
                    "act": refusal.act,
                    "code": refusal.code,
                    "message": refusal.message,
                    "left_out_before": left_out,
                },
            ),
        )


def _own_stream(actor: Actor) -> str:
    return f"{'agent' if actor.kind is ActorKind.AGENT else 'user'}:{actor.id}"
