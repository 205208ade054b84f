"""Recorded decisions on the small policy under review, and changes of it that are rehearsed."""

from datetime import datetime, timedelta
from typing import Any

from governance.access.models import User
from governance.policies.models import DecisionRecord, Rehearsal
from governance.policies.services import (
    decide_and_record,
    rehearse_change,
    run_rehearsal,
)
from governance.policies.types import LimitKeys, Subject
from governance.reviews.models import ChangeRequest
from orchestra.core.actors import system
from tests.factories.policies import make_facts
from tests.factories.reviews import NOW

Json = Any
DAY = timedelta(days=1)


def record_lookups(
    count: int = 6, *, at: datetime = NOW - DAY, **facts: Json
) -> list[DecisionRecord]:
    """Decisions on reading an order, by an AI that is less sure of each than of the one before."""
    return [
        decide_and_record(
            actor=system("test"),
            now=at + timedelta(minutes=number),
            subject=Subject(kind="tool_call", id=f"call-{at:%j%H%M%S}-{number}", stream="case:c-1"),
            facts=make_facts(
                **{
                    "tool": "read_order",
                    "effect": "read",
                    "risk": "low",
                    "confidence": round(0.9 - number / 10, 1),
                    **facts,
                }
            ),
            keys=LimitKeys(customer="c-1", agent="a-1", queue="returns"),
            sources={},
        ).record
        for number in range(count)
    ]


def begin_rehearsal(change: ChangeRequest, person: User, **changes: Any) -> Rehearsal:
    given = {"now": NOW, "since": NOW - 30 * DAY, **changes}
    return rehearse_change(actor=person.as_actor(), change_id=change.public_id, **given)


def finish_rehearsal(rehearsal: Rehearsal, *, at: datetime = NOW, **more: Any) -> Rehearsal:
    run_rehearsal(rehearsal_pk=rehearsal.pk, read_clock=lambda: at, **more)
    rehearsal.refresh_from_db()
    return rehearsal


def rehearse(change: ChangeRequest, person: User, **changes: Any) -> Rehearsal:
    """Rehearse a change to its end; the change is read again."""
    rehearsal = finish_rehearsal(begin_rehearsal(change, person, **changes))
    change.refresh_from_db()
    return rehearsal
