"""What readers see of findings, and what checks come to."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.selectors import authority_of
from governance.access.types import Authority, Role
from qa.findings import services
from qa.findings.models import Finding
from qa.findings.selectors import (
    Coverage,
    Wanted,
    count_findings,
    count_unseen,
    list_ai_versions,
    list_findings,
    list_page,
    tally,
)
from qa.findings.types import FindingState
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.checked import make_talk

pytestmark = pytest.mark.django_db

BROKEN = "ai: I am an AI assistant. I have cancelled it. Anything else?"
RUDE = "ai: I am an AI assistant. Calm down. Anything else?"


def reader(role: Role = Role.QA_LEAD) -> Authority:
    return authority_of(make_person(roles=[role]).as_actor())


def test_most_harm_comes_first_and_then_the_newest() -> None:
    for line in (RUDE, BROKEN, RUDE, BROKEN):
        make_talk("customer: Hi", line)
    services.run_next(now=NOW)
    rows = list(list_findings(authority=reader(), wanted=Wanted()))
    assert [one.harm for one in rows] == ["high", "high", "low", "low"]
    assert rows[0].pk > rows[1].pk
    assert rows[2].pk > rows[3].pk


def test_findings_are_narrowed_by_what_is_wanted_and_by_reach() -> None:
    first = make_talk("customer: Hi", RUDE, ai_version="bot 1")
    later = first.started_at + timedelta(days=7)
    make_talk("customer: Hi", BROKEN, started_at=later)
    services.run_next(now=NOW)
    lead = reader()

    def count(**fields: object) -> int:
        return list_findings(authority=lead, wanted=Wanted(**fields)).count()  # type: ignore[arg-type]

    assert count() == 2
    assert count(check="tone") == count(harm="low") == count(ai_version="bot 1") == 1
    assert count(since=later) == count(until=later) == 1
    assert count(case_id=str(first.case.public_id)) == 1
    assert count(states=(FindingState.CONFIRMED,)) == 0
    assert list_findings(authority=reader(Role.SUPERVISOR), wanted=Wanted()).count() == 0


def test_the_versions_of_ai_are_listed_and_what_waits_is_counted_in_one_query_each() -> None:
    for version in ("bot 2", "", "bot 1", "bot 2"):
        make_talk("customer: Hi", RUDE, ai_version=version)
    services.run_next(now=NOW)
    lead = reader()
    with CaptureQueriesContext(connection) as asked:
        assert list_ai_versions() == ["bot 1", "bot 2"]
        assert count_unseen(authority=lead) == 4
    assert len(asked) == 2
    assert count_unseen(authority=reader(Role.SUPERVISOR)) == 0


def test_what_a_check_came_to_is_counted_in_two_queries() -> None:
    make_talk("customer: Hi", BROKEN)
    make_talk("customer: Hi", RUDE)
    make_talk()
    services.run_next(now=NOW)
    Finding.objects.filter(check_row__check_key="tone").update(state="confirmed")
    lead = reader()
    with CaptureQueriesContext(connection) as asked:
        sums = tally(authority=lead, wanted=Wanted(), licences={}).sums
    assert len(asked) == 2
    tone = sums["tone"]
    assert (tone.found, tone.fine, tone.skipped) == (1, 1, 1)
    assert (tone.unseen, tone.confirmed, tone.looked_at) == (0, 1, 1)
    promise = sums["promise_kept"]
    assert (promise.found, promise.fine, promise.not_applicable, promise.unseen) == (1, 0, 1, 1)


def test_coverage_says_what_was_not_read_and_why() -> None:
    make_talk("customer: Hi", RUDE)
    make_talk()
    services.run_next(now=NOW)
    make_talk("customer: Hi", RUDE)
    found = tally(authority=reader(), wanted=Wanted(), licences={}).coverage
    assert found == Coverage(ended=3, checked=1, skipped={"no_transcript": 1})
    assert found.waiting == 1


def test_pages_follow_each_other_by_harm_and_each_asks_for_what_it_shows() -> None:
    for line in (RUDE, BROKEN, RUDE, BROKEN, RUDE):
        make_talk("customer: Hi", line)
    services.run_next(now=NOW)
    lead, wanted = reader(), Wanted(states=(FindingState.UNSEEN,))
    whole = [one.pk for one in list_findings(authority=lead, wanted=wanted)]
    assert len(whole) == 5
    seen: list[int] = []
    after = None
    for asks in (3, 3, 1):
        with CaptureQueriesContext(connection) as asked:
            rows, after = list_page(authority=lead, wanted=wanted, after=after, most=2)
        assert len(asked) == asks
        seen += [one.pk for one in rows]
    assert seen == whole
    assert after is None
    rude = Wanted(states=(FindingState.UNSEEN,), harm="low")
    assert count_findings(authority=lead, wanted=rude) == 3
    rows, after = list_page(authority=lead, wanted=rude, after=None, most=20)
    assert [one.pk for one in rows] == whole[2:]
