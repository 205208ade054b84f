"""Many cases of one window are read together, and give what they give one by one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.memory import services as memory
from cases.memory.models import Case
from cases.memory.types import Speaker
from governance.access.services import declare_version
from governance.ledger.models import LedgerEntry
from governance.ledger.services import sequence
from qa.population import entries
from qa.population.models import PopulationReader, SamplingUnit
from qa.population.reading import read_cases
from qa.population.services import follow_ledger, following
from tests.conftest import NOW
from tests.factories.access import make_agent
from tests.factories.cases import contact
from tests.factories.centres import Centre, make_centre

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def centre(db: None) -> Centre:
    del db
    return make_centre()


def follow() -> int:
    sequence(now=NOW)
    return follow_ledger(now=NOW)


def begin_again() -> None:
    PopulationReader.objects.update(next_index=0)


def values() -> list[dict[str, Any]]:
    found = list(SamplingUnit.objects.order_by("pk").values())
    return [{k: v for k, v in row.items() if k not in {"id", "public_id"}} for row in found]


def worked(centre: Centre, ref: str, now: datetime, agent: Any = None) -> Case:
    """A case that an AI agent answered and a person resolved."""
    actor = (agent or centre.agent).as_actor()
    draft = contact("Please refund it.", queue="returns", customer_ref=ref, intent="return")
    case = memory.open_case(actor=centre.agent.as_actor(), now=now, draft=draft)
    memory.add_message(actor=actor, now=now + HOUR, case=case, speaker=Speaker.AI, text="Done.")
    memory.resolve_case(
        actor=centre.person.as_actor(),
        now=now + 2 * HOUR,
        case=Case.objects.get(pk=case.pk),
        outcome="Refunded",
        confirmed=True,
    )
    return case


def history(centre: Centre) -> list[Case]:
    """Months of work by two AI agents, with returns of customers and a new version."""
    other = make_agent("Second", queues=[centre.queue])
    for label, days in (("1", 200), ("2", 50)):
        declare_version(
            actor=centre.agent.as_actor(), now=NOW - days * DAY, agent=centre.agent, label=label
        )
    return [
        worked(centre, "mia", NOW - 100 * DAY),
        worked(centre, "bo", NOW - 80 * DAY, other),
        worked(centre, "mia", NOW - 97 * DAY, other),
        worked(centre, "lou", NOW - 20 * DAY),
        worked(centre, "bo", NOW - 19 * DAY, other),
        worked(centre, "lou", NOW - 15 * DAY),
    ]


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_together_they_give_the_rows_they_give_one_by_one(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    history(centre)
    follow()
    together = values()
    assert len(together) == 12
    assert {row["tenure"] for row in together} == {
        "under_30_days",
        "30_to_90_days",
    }
    assert {row["ai_version"].rpartition(" ")[2] for row in together} == {"", "1", "2"}
    assert [row["targets"] for row in together].count(["recontact"]) == 4
    SamplingUnit.objects.all().delete()
    begin_again()
    monkeypatch.setattr(following, "AT_ONCE", at_once)
    follow()
    assert values() == together


def test_reading_more_cases_again_asks_no_more_and_writes_nothing(centre: Centre) -> None:
    worked(centre, "one", NOW - 10 * DAY)
    counts = []
    for more in (0, 6):
        for number in range(more):
            worked(centre, f"more-{number}", NOW - 9 * DAY)
        follow()
        stood = values()
        begin_again()
        with CaptureQueriesContext(connection) as asked:
            follow_ledger(now=NOW)
        assert values() == stood
        counts.append(len(asked))
        written = [one["sql"] for one in asked if one["sql"].startswith(("INSERT", "UPDATE"))]
        assert all("population" in one for one in written), written
    assert counts[0] == counts[1]


def test_a_moved_first_work_is_seen_by_the_cases_after_it(centre: Centre) -> None:
    cases = history(centre)
    follow()
    stood = values()
    # As if an earlier reading had taken the first case for somebody else's, and later.
    first = SamplingUnit.objects.filter(case=cases[0])
    first.update(agent="agent:nobody", ended_at=NOW, started_at=NOW)
    SamplingUnit.objects.exclude(case=cases[0]).update(tenure="")
    begin_again()
    follow()
    assert values() == stood


def test_what_cannot_be_read_is_found_among_many_and_alone_read_over(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = history(centre)
    broken = {cases[1].pk, cases[4].pk}

    def breaks(*, cases: Sequence[Case]) -> Any:
        if broken & {case.pk for case in cases}:
            raise ValueError(broken)
        return read_cases(cases=cases)

    monkeypatch.setattr(following, "read_cases", breaks)
    follow()
    read = set(SamplingUnit.objects.values_list("case", flat=True))
    assert read == {case.pk for case in cases} - broken
    told = LedgerEntry.objects.filter(kind=entries.UNREADABLE).order_by("id")
    assert list(told.values_list("subject_id", flat=True)) == [
        str(cases[1].public_id),
        str(cases[4].public_id),
    ]
