"""What the case page reads at once is what each list reads alone."""

from dataclasses import fields

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.admin.case_reading import read_case, read_more
from cases.intake import selectors as intake
from cases.journeys import selectors as journeys
from cases.memory import disclosures
from cases.memory import selectors as memory
from cases.memory.models import Case
from cases.memory.subjects import subject_of_case
from cases.tools import selectors as tools
from governance.access.models import User
from governance.access.selectors import authority_of_person
from governance.admin.visit import Visit
from governance.privacy import selectors as privacy
from governance.switches import selectors as switches
from orchestra.core import clock
from tests.cases.admin.conftest import Browser
from tests.cases.admin.test_case_merge import post, two_cases
from tests.flows.conftest import World
from tests.flows.helpers import identify, open_case, say, waiting_return


def visit_by(name: str) -> Visit:
    person = User.objects.get(username=name)
    return Visit(authority=authority_of_person(person), now=clock.now())


def test_all_of_a_case_is_read_in_two_statements(retail: World) -> None:
    public_id, _call = waiting_return(retail)
    for _ in range(2):
        say(retail, public_id, "customer", "And another thing.")
        identify(retail, public_id)
    identify(retail, open_case(retail, external_ref="another"))
    case, visit = Case.objects.get(public_id=public_id), visit_by("supervisor")
    with CaptureQueriesContext(connection) as asked:
        read = read_case(case, visit)
        more = read_more(case, visit, read)
        for one in fields(read):
            list(getattr(read, one.name))
    assert len(asked) == 2
    assert memory.verification_among(read.checks, case=case) == memory.verification_of(case)
    assert disclosures.shown_among(read.entries) == disclosures.list_shown(case=case)
    assert memory.as_facts(read.facts) == memory.list_facts(case=case)
    assert list(read.running) == journeys.list_journeys(case=case)
    assert journeys.by_journey(read.steps) == journeys.steps_by_journey(case=case)
    assert more.alike == memory.list_duplicates(authority=visit.authority, case=case)
    assert more.known
    assert more.known == tools.tools_by_name(list(more.known))
    assert list(more.entries) == list(read.entries)
    holds = privacy.holds_among(read.holds, subject_of_case(case))
    assert holds == privacy.holds_on(subject_of_case(case))
    touched = {"agents": [], "tools": ["look_up_order"], "cue_sheets": []}
    assert switches.touching_among(read.stops, **touched) == switches.list_touching(**touched)
    found = intake.latest_among(read.records)
    assert found is not None
    settled = intake.settled_among(read.settled, classification=found)
    assert settled == intake.find_settled(classification=found)
    assert [key for key, _title in read.intents] == [one.key for one in intake.list_intents()]


def test_the_entries_of_an_absorbed_case_stand_where_they_were_recorded(
    retail: World, browser: Browser
) -> None:
    one, other = two_cases(retail)
    post(browser, one, "merge", case=other.label, reason="She wrote twice.")
    visit = visit_by("supervisor")
    read = read_case(one, visit)
    more = read_more(one, visit, read)
    keys = [entry.pk for entry in more.entries]
    assert keys == sorted(keys)
    assert {entry.stream for entry in more.entries} == {one.stream, other.stream}
    assert {entry.stream for entry in read.entries} == {one.stream}


def test_who_may_change_nothing_is_read_no_suggestion_and_no_other_case(retail: World) -> None:
    one, _other = two_cases(retail)
    visit = visit_by("compliance")
    read = read_case(one, visit)
    assert [len(part) for part in (read.offered, read.pauses, read.others)] == [0, 0, 0]
    more = read_more(one, visit, read)
    assert (more.known, more.alike) == ({}, [])
