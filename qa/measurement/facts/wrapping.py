"""What a person did once the customer was gone, as the resolution tells it; pure."""

from datetime import timedelta

from qa.measurement.facts.holding import HUMAN, Holding
from qa.measurement.facts.types import Told
from qa.measurement.rows import OwnerKind, Work, WrapEnd


def wrap_of(one: Told, *, case: str, holding: Holding) -> Work | None:
    """Return the wrap-up that a resolution records; None of an AI, or where none was measured."""
    seconds = one.payload.get("after_contact_seconds")
    if one.by_kind != HUMAN or not isinstance(seconds, int):
        return None
    capped = bool(one.payload.get("after_contact_capped"))
    held = sum(
        ((row.end or one.at) - row.begin).total_seconds()
        for row in holding.whole()
        if row.owner_kind is OwnerKind.HUMAN and row.owner == one.by
    )
    share = one.payload.get("draft_share")
    return Work(
        id=f"wrap/{one.index}",
        contact=holding.contact,
        case=case,
        person=one.by,
        last_exchange_at=one.at - timedelta(seconds=seconds),
        wrapped_at=one.at,
        ended_by=WrapEnd.TIME_OUT if capped else WrapEnd.COMPLETED,
        handle_seconds=max(held, float(seconds)),
        draft_offered=bool(one.payload.get("draft_offered")),
        draft_accepted=bool(one.payload.get("draft_accepted")),
        draft_distance=None if share is None else 1 - share / 100,
    )
