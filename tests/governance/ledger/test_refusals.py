"""A refused act is recorded after the rollback, and a flood of them is counted."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import transaction

from governance.ledger.models import LedgerEntry
from governance.ledger.refusals import CAP_PER_MINUTE, Refusal, record_refusal
from governance.ledger.selectors import payload_of
from orchestra.core.actors import Actor, ActorKind

AT = datetime(2026, 11, 19, 14, 6, 12, tzinfo=UTC)
REFUSED = Refusal(act="approval.vote", code="approval.stale", message="It is void.")


def person() -> Actor:
    return Actor(ActorKind.HUMAN, str(uuid4()), "Maren Osei")


@pytest.mark.django_db(transaction=True)
def test_a_page_needs_no_transaction_of_its_own_to_record_a_refusal() -> None:
    assert not transaction.get_connection().in_atomic_block
    actor = person()
    record_refusal(actor=actor, now=AT, refusal=REFUSED)
    entry = LedgerEntry.objects.get(kind="act.refused")
    assert (entry.stream, entry.actor_id) == (f"user:{actor.id}", actor.id)
    payload = payload_of(entry=entry) or {}
    assert (payload["code"], payload["left_out_before"]) == ("approval.stale", 0)


@pytest.mark.django_db
def test_beyond_the_cap_refusals_are_counted_and_told_by_the_next() -> None:
    actor, later = person(), AT.replace(minute=7)
    for _ in range(CAP_PER_MINUTE + 3):
        record_refusal(actor=actor, now=AT, refusal=REFUSED)
    assert LedgerEntry.objects.filter(kind="act.refused").count() == CAP_PER_MINUTE
    record_refusal(actor=actor, now=later, refusal=REFUSED)
    last = LedgerEntry.objects.filter(kind="act.refused").latest("pk")
    assert (payload_of(entry=last) or {})["left_out_before"] == 3
