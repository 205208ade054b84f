"""Plain rows for the tests of the metrics, from moments in hours."""

from datetime import UTC, datetime, timedelta
from typing import Any

from qa.measurement.rows import (
    CaseTimes,
    Contact,
    Episode,
    Handover,
    Issue,
    OwnerKind,
    StepExecution,
    Work,
)

START = datetime(2026, 11, 2, 14, tzinfo=UTC)
RETURNS = Issue("anna", "return", "W1")


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def day(days: float) -> datetime:
    return at(24 * days)


def episode(case: str, resolved: float | None, **given: Any) -> Episode:
    """An episode that ends so many days after the start."""
    whole = {"number": 1, "opened_at": day(0), "issue": RETURNS, "contacts": ("first",)}
    whole["resolved_at"] = None if resolved is None else day(resolved)
    return Episode(case=case, **{**whole, **given})


def contact(name: str, days: float, **given: Any) -> Contact:
    return Contact(id=name, **{"case": "c", "at": day(days), "issue": RETURNS, **given})


def times(case: str, *episodes: Episode, opened: float = 0.0, **given: Any) -> CaseTimes:
    return CaseTimes(case=case, opened_at=at(opened), episodes=episodes, **given)


def handover(name: str, **given: Any) -> Handover:
    """From an AI of one team to a person of another."""
    whole: dict[str, Any] = {
        "contact": "k1",
        "at": at(1),
        "from_kind": OwnerKind.AI,
        "from_owner": "bot",
        "from_team": "returns",
        "to_kind": OwnerKind.HUMAN,
        "to_owner": "ben",
        "to_team": "billing",
    }
    return Handover(id=name, **{**whole, **given})


def work(name: str, minutes: float | None, **given: Any) -> Work:
    whole: dict[str, Any] = {
        "contact": name,
        "case": name,
        "person": "ben",
        "last_exchange_at": at(1),
        "wrapped_at": None if minutes is None else at(1) + timedelta(minutes=minutes),
        "handle_seconds": 600.0,
    }
    return Work(id=name, **{**whole, **given})


def step(key: str, **given: Any) -> StepExecution:
    whole: dict[str, Any] = {"case": key, "step": "refund", "by": OwnerKind.AI, "started_at": at(0)}
    return StepExecution(key=key, **{**whole, **given})
