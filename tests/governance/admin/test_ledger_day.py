from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from governance.admin.ledger_day import describe_day
from governance.admin.ledger_filters import PARAMETERS
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.together import answer

pytestmark = pytest.mark.django_db
NONE = dict.fromkeys(PARAMETERS, "")
PEOPLE = Actor(kind=ActorKind.HUMAN, id="h", label="Ilse")
AGENT = Actor(kind=ActorKind.AGENT, id="a", label="Assistant")


def _append(actor: Actor, at: datetime) -> None:
    draft = EntryDraft(stream="system", kind="ledger.read", payload={"what": "all"})
    append_entry(actor=actor, now=at, draft=draft)


def test_a_day_is_counted_per_quarter_of_an_hour_and_by_actor(now: datetime) -> None:
    quarter = now.replace(minute=0)
    for minutes in (0, 5, 14):
        _append(AGENT, quarter + timedelta(minutes=minutes))
    _append(PEOPLE, quarter)
    _append(PEOPLE, quarter + timedelta(minutes=15))
    _append(PEOPLE, quarter - timedelta(days=1))
    day = answer(describe_day(NONE, now))
    assert (day["count"], day["ai"], day["people"], day["system"]) == (5, 3, 2, 0)
    assert day["top"] == 4
    first, second = day["bars"]
    assert first["title"] == "19:00: AI 3, person 1, system 0"
    assert [part["tall"] for part in first["parts"]] == ["75.00", "25.00"]
    assert second["x"] == f"{77 * 10:.2f}"
    assert "from=19%3A15&to=19%3A30" in second["link"]
    assert day["is_today"]
    assert day["after_link"] == ""


def test_the_day_is_the_readers(now: datetime) -> None:
    late = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
    _append(AGENT, late)
    with timezone.override(ZoneInfo("America/New_York")):
        day = answer(describe_day({**NONE, "day": "2026-11-19"}, now))
    assert day["count"] == 1
    assert day["bars"][0]["title"].startswith("22:30")


def test_the_day_the_clocks_change_has_its_own_length(now: datetime) -> None:
    _append(AGENT, datetime(2026, 11, 1, 12, 0, tzinfo=UTC))
    with timezone.override(ZoneInfo("America/New_York")):
        day = answer(describe_day({**NONE, "day": "2026-11-01"}, now))
    assert day["bars"][0]["full"] == f"{960 / 100:.2f}"
    assert day["bars"][0]["title"].startswith("07:00")
    assert "day=2026-11-02" in day["after_link"]


def test_an_empty_day_has_no_bars(now: datetime) -> None:
    day = answer(describe_day({**NONE, "day": "2026-01-01"}, now))
    assert (day["count"], day["bars"], day["now_x"]) == (0, [], "")
