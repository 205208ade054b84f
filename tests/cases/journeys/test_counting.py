"""Counts of one version alone, of the cases that the reader may see."""

from datetime import timedelta

from cases.journeys import counting, services
from cases.journeys.counting import CueCounts
from cases.journeys.models import CueSheetVersion, Journey
from cases.journeys.types import JourneyState
from cases.memory.models import Case
from governance.access.selectors import authority_of
from governance.access.types import Authority
from tests.factories.access import make_person
from tests.factories.retail import Centre


def maren(centre: Centre) -> Authority:
    return authority_of(centre.people["maren"].as_actor())


def test_reached_now_missed_and_overdue(centre: Centre, case: Case) -> None:
    version = CueSheetVersion.objects.get(journeys__case=case)
    other = centre.open("Please cancel order #W9373487, I no longer need it.").case
    centre.identify(other)
    begun = centre.clock() - timedelta(hours=1)
    late = centre.clock() + timedelta(hours=1)
    given = {"authority": maren(centre), "version": version, "since": begun}
    before = counting.count_cues(**given, now=centre.clock())
    assert before["identify"] == CueCounts(reached=2, now=1, missed=0, overdue=0)
    assert counting.count_cues(**given, now=late)["identify"] == CueCounts(2, 1, 1, 1)
    overdue = counting.list_overdue(authority=maren(centre), version=version, now=late)
    assert {step.journey.case_id for step in overdue if step.key == "identify"} == {case.pk}
    services.pass_deadlines(now=late)
    after = counting.count_cues(**given, now=late)["identify"]
    assert (after.missed, after.overdue) == (1, 0)
    sheets = counting.count_sheets(authority=maren(centre), since=begun, now=late)
    assert sheets[version.pk].endings[JourneyState.RUNNING] == 2
    assert (sheets[version.pk].started, sheets[version.pk].now) == (2, 2)


def test_old_ended_journeys_and_hidden_cases_are_not_counted(centre: Centre, case: Case) -> None:
    version = CueSheetVersion.objects.get(journeys__case=case)
    now = centre.clock()
    nobody = authority_of(make_person("nobody").as_actor())
    assert counting.count_cues(authority=nobody, version=version, since=now, now=now) == {}
    assert counting.count_sheets(authority=nobody, since=now, now=now) == {}
    later = now + timedelta(days=1)
    given = {"authority": maren(centre), "version": version, "since": later}
    assert counting.count_cues(**given, now=later)["identify"].now == 1
    Journey.objects.update(state=JourneyState.COMPLETED, ended_at=now)
    assert counting.count_cues(**given, now=later) == {}
