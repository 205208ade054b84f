"""What playing back rests on is read in one query each."""

from datetime import timedelta
from typing import Any

from cases.memory.models import Case
from cases.memory.selectors import read_entries
from cases.playback import selectors
from governance.policies.models import DecisionRecord
from tests.factories.retail import Centre


def test_versions_and_facts_come_by_their_names(
    centre: Centre, case: Case, django_assert_num_queries: Any
) -> None:
    centre.identify(case)
    entries = read_entries(case=case)
    with django_assert_num_queries(1):
        assert [one.key for one in selectors.plans_of(entries).values()] == ["cancel_order"]
    with django_assert_num_queries(1):
        [tool] = selectors.tools_of(entries).values()
    assert tool.name == "find_user_id_by_email"
    with django_assert_num_queries(1):
        [facts] = selectors.facts_by_decision(entries).values()
    assert facts["tool"] == "find_user_id_by_email"


def test_a_record_that_cannot_be_read_is_left_out(centre: Centre, case: Case) -> None:
    centre.identify(case)
    DecisionRecord.objects.update(body=b"no record")
    assert selectors.facts_by_decision(read_entries(case=case)) == {}


def test_cases_are_found_by_label_and_span(centre: Centre, case: Case) -> None:
    later = centre.open("I want to return my lamp.").case
    assert selectors.find_by_label(f" {case.label.lower()} ") == case
    assert [selectors.find_by_label(label) for label in ("", "C-", "C-0", "C-²", "x")] == [None] * 5
    between = selectors.list_cases_between
    assert list(between()) == [case, later]
    assert list(between(since=later.opened_at)) == [later]
    assert list(between(until=later.opened_at)) == [case]
    assert not between(since=later.opened_at + timedelta(seconds=1)).exists()
