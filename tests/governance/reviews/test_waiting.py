"""The badge counts what the list of waiting changes holds, in one query."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access import services as access
from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Role
from governance.reviews import selectors, services
from governance.reviews.models import ChangeRequest
from governance.reviews.waiting import count_to_review
from tests.factories.access import make_agent, make_person
from tests.factories.reviews import (
    LATER,
    NOW,
    People,
    approve,
    ballot_of,
    make_text,
    open_change,
    put_in_force,
    submit_change,
)

pytestmark = pytest.mark.django_db


def waits(person: User) -> int:
    """The badge of a person, which is the length of their list."""
    authority = authority_of(person.as_actor())
    counted = count_to_review(authority=authority, now=NOW)
    assert counted == len(selectors.list_to_review(authority=authority, now=NOW))
    return counted


def everybody(people: People) -> dict[str, int]:
    return {
        name: waits(getattr(people, name))
        for name in ("author", "owner", "officer", "supervisor", "lead")
    }


def test_it_is_what_each_may_approve(people: People) -> None:
    put_in_force()
    submit_change(people.author)
    submit_change(people.owner, make_text("more"))
    open_change(people.author, make_text("a draft"))
    assert everybody(people) == {"author": 1, "owner": 1, "officer": 2, "supervisor": 2, "lead": 2}


def test_own_edits_votes_and_what_lapsed_are_left_out(people: People) -> None:
    put_in_force(make_text(tool="refund"))
    change = submit_change(people.author, make_text("new", tool="refund"))
    approve(change, people.officer)
    assert (waits(people.officer), waits(people.lead)) == (0, 1)
    ChangeRequest.objects.update(editor_id=str(people.lead.public_id))
    assert waits(people.lead) == 0
    ChangeRequest.objects.update(expires_at=NOW)
    assert waits(people.supervisor) == 0


def test_a_critical_change_waits_for_another_role_only(people: People) -> None:
    put_in_force(make_text(tool="freeze"))
    change = submit_change(people.author, make_text("new", tool="freeze"))
    approve(change, people.officer)
    second = make_person("second", roles=[Role.COMPLIANCE_OFFICER])
    assert (waits(second), waits(people.lead)) == (0, 1)


def test_a_text_that_was_not_the_one_rehearsed_waits_for_nobody(people: People) -> None:
    put_in_force()
    submit_change(people.author)
    assert waits(people.officer) == 1
    ChangeRequest.objects.update(needs_rehearsal=True)
    assert waits(people.officer) == 0
    ChangeRequest.objects.update(rehearsal_digest="c" * 64)
    assert waits(people.officer) == 0


def test_a_vote_that_is_void_waits_again(people: People) -> None:
    put_in_force(make_text(tool="refund"))
    change = submit_change(people.author, make_text("new", tool="refund"))
    approve(change, people.officer)
    services.ask_for_changes(
        actor=people.lead.as_actor(),
        now=NOW,
        change_id=change.public_id,
        ballot=ballot_of(change, "Why?"),
    )
    assert waits(people.officer) == 0
    services.submit(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)
    assert waits(people.officer) == 1


@pytest.mark.parametrize("is_ended", [False, True])
def test_who_stands_in_for_the_author_is_left_out(people: People, is_ended: bool) -> None:
    put_in_force()
    given = access.delegate(
        actor=people.author.as_actor(),
        now=NOW - timedelta(days=2),
        delegate_id=people.owner.public_id,
        covers=Role.POLICY_OWNER,
        until_at=LATER,
        reason="On leave.",
    )
    if is_ended:
        access.end_delegation(
            actor=people.author.as_actor(),
            now=NOW - timedelta(days=1),
            delegation_id=given.public_id,
        )
    submit_change(people.author)
    assert waits(people.owner) == int(is_ended)
    assert waits(people.officer) == 1


def test_one_query_whatever_there_is(
    people: People, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put_in_force(make_text(tool="refund"))
    officer = authority_of(people.officer.as_actor())
    agent = authority_of(make_agent().as_actor())
    for expected in range(4):
        with django_assert_num_queries(1):
            assert count_to_review(authority=officer, now=NOW) == expected
        change = submit_change(people.author, make_text(f"row-{expected}", tool="refund"))
        approve(change, people.lead)
    with django_assert_num_queries(0):
        assert count_to_review(authority=agent, now=NOW) == 0
