"""Which changes there are, which wait for me, and how one stands."""

from uuid import uuid4

import pytest
from django.test.utils import CaptureQueriesContext

from governance.access.models import User
from governance.access.selectors import authority_of
from governance.access.types import Authority
from governance.reviews import selectors
from governance.reviews.types import ChangeState
from orchestra.core.errors import NotFoundError
from tests.factories.access import drop_roles, make_person
from tests.factories.reviews import (
    KEY,
    KIND,
    NOW,
    People,
    approve,
    make_text,
    open_change,
    publish,
    put_in_force,
    submit_change,
)

pytestmark = pytest.mark.django_db


def held(person: User) -> Authority:
    return authority_of(person.as_actor())


def test_what_may_not_be_seen_is_not_there(people: People) -> None:
    change = open_change(people.author)
    nobody = held(make_person())
    assert list(selectors.list_changes(authority=nobody)) == []
    assert selectors.count_by_state(authority=nobody) == {}
    assert selectors.list_to_review(authority=nobody, now=NOW) == []
    for authority, found in ((nobody, change.public_id), (held(people.lead), uuid4())):
        with pytest.raises(NotFoundError):
            selectors.get_change(authority=authority, change_id=found)
    assert selectors.get_change(authority=held(people.lead), change_id=change.public_id) == change


def test_lists_by_state_newest_first(people: People) -> None:
    put_in_force()
    draft = open_change(people.author)
    waiting = submit_change(people.author)
    done = publish(approve(submit_change(people.author), people.officer), people.owner)
    officer = held(people.officer)
    assert list(selectors.list_changes(authority=officer)) == [done, waiting, draft]
    submitted = selectors.list_changes(authority=officer, states=[ChangeState.SUBMITTED])
    assert list(submitted) == [waiting]
    assert list(selectors.list_changes_of(kind=KIND, key=KEY)) == [waiting, draft]
    assert selectors.count_by_state(authority=officer) == {
        "draft": 1,
        "submitted": 1,
        "published": 1,
    }


def test_mine_to_review_leaves_out_what_i_wrote_and_what_i_approved(people: People) -> None:
    put_in_force()
    theirs = submit_change(people.author, make_text("a", tool="refund"))
    mine = submit_change(people.owner, make_text("b"))
    assert selectors.list_to_review(authority=held(people.owner), now=NOW) == [theirs]
    assert selectors.list_to_review(authority=held(people.officer), now=NOW) == [theirs, mine]
    approve(theirs, people.officer)
    assert selectors.list_to_review(authority=held(people.officer), now=NOW) == [mine]


def test_the_list_takes_the_same_queries_whatever_its_length(
    people: People, django_assert_num_queries: type[CaptureQueriesContext]
) -> None:
    put_in_force()
    officer = held(people.officer)
    for count in (1, 4):
        for _ in range(count):
            submit_change(people.author)
        with django_assert_num_queries(3):
            selectors.list_to_review(authority=officer, now=NOW)


def test_how_a_change_stands(people: People) -> None:
    put_in_force()
    change = approve(submit_change(people.author), people.officer)
    standing = selectors.standing_of(change)
    assert (standing.state, standing.digest) == (ChangeState.APPROVED, change.digest)
    assert standing.barred.keys() == {str(people.author.public_id)}
    assert [one.reviewer_id for one in standing.reviews] == [str(people.officer.public_id)]
    drop_roles(people.officer)
    assert selectors.eligible_standing(standing).reviews == ()
