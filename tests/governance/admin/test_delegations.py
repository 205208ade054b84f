"""Handing over as a page: what I gave, what I hold, and how each ends."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.models import Delegation, User
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core import clock
from tests.factories.access import make_person
from tests.governance.admin.test_changes import sign_in, text_of

pytestmark = pytest.mark.django_db
PATH = "/admin/access/handing-over/"
PAGE_QUERIES = 5


@pytest.fixture
def giver(db: None) -> User:
    del db
    return make_person("tomas", roles=[Role.POLICY_OWNER])


@pytest.fixture
def other(db: None) -> User:
    del db
    return make_person("maren", roles=[Role.POLICY_OWNER])


def posted(other: User, **changes: str) -> dict[str, str]:
    until = clock.now() + timedelta(days=5)
    return {
        "delegate": str(other.public_id),
        "covers": "policy_owner",
        "until_at": until.strftime("%Y-%m-%dT%H:%M"),
        "reason": "On leave.",
        **changes,
    }


def give(giver: User, other: User, **changes: str) -> tuple[int, str]:
    answer = sign_in(giver).post(f"{PATH}give/", posted(other, **changes), follow=True)
    return answer.status_code, answer.content.decode()


def test_a_person_hands_over_and_ends_it(giver: User, other: User) -> None:
    page = text_of(sign_in(giver), PATH)
    assert "All I do as Policy owner" in page
    assert "Only: publish approved changes" in page
    assert "vote on approvals" not in page
    status, page = give(giver, other)
    assert status == 200
    assert "Handed over." in page
    assert "End it" in page
    held = text_of(sign_in(other), PATH)
    assert "Give it back" in held
    assert "On leave." in held
    made = Delegation.objects.get()
    told = sign_in(other).post(f"{PATH}{made.public_id}/end/", follow=True).content.decode()
    assert "Ended." in told
    assert "ended early" in told
    again = sign_in(giver).post(f"{PATH}{made.public_id}/end/", follow=True).content.decode()
    assert "It is over already." in again
    kinds = set(LedgerEntry.objects.values_list("kind", flat=True))
    assert kinds == {"delegation.given", "delegation.ended", "act.refused"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"covers": "king"}, "Choose what you hand over."),
        ({"until_at": ""}, "Write until when."),
        ({"until_at": "2001-01-01T10:00"}, "It has to end after it begins"),
        ({"reason": " "}, "Say why."),
        ({"covers": "supervisor"}, "You can hand over only what you hold yourself."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    giver: User, other: User, changes: dict[str, str], said: str
) -> None:
    status, page = give(giver, other, **changes)
    assert status == 422
    assert said in page
    assert f'value="{other.public_id}" selected' in page
    assert Delegation.objects.count() == 0


def test_who_manages_access_sees_all_of_it_and_ends_it(giver: User, other: User) -> None:
    give(giver, other)
    admin = sign_in(make_person("petra", roles=[Role.ADMINISTRATOR]))
    page = text_of(admin, PATH)
    assert "All that is handed over" in page
    assert f"End what {giver.label} handed to {other.label}" in page
    assert "All that is handed over" not in text_of(sign_in(giver), PATH)
    made = Delegation.objects.get()
    told = admin.post(f"{PATH}{made.public_id}/end/", follow=True).content.decode()
    assert "Ended." in told
    assert "End what" not in told
    made.refresh_from_db()
    assert made.ended_at is not None
    entry = LedgerEntry.objects.get(kind="delegation.ended")
    assert entry.actor_id == str(User.objects.get(username="petra").public_id)


def test_what_is_over_is_not_offered_to_who_manages_access(giver: User, other: User) -> None:
    give(giver, other)
    past = clock.now() - timedelta(days=1)
    Delegation.objects.update(begins_at=past - timedelta(days=1), until_at=past)
    admin = sign_in(make_person("petra", roles=[Role.ADMINISTRATOR]))
    assert "End what" not in text_of(admin, PATH)


@pytest.mark.parametrize("count", [1, 4])
def test_the_page_asks_as_often_however_much_is_handed_over(
    giver: User, other: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [other, *(make_person(f"p{n}", roles=[Role.POLICY_OWNER]) for n in range(count - 1))]
    for person in people:
        give(giver, person)
    assert Delegation.objects.count() == count
    admin = sign_in(make_person("petra", roles=[Role.ADMINISTRATOR]))
    text_of(admin, PATH)
    with django_assert_num_queries(PAGE_QUERIES):
        text_of(admin, PATH)


def test_whoever_holds_nothing_of_the_kind_is_told_so(giver: User, other: User) -> None:
    agent = make_person("hugo", roles=[Role.HUMAN_AGENT])
    assert "Your role holds nothing that can be handed over." in text_of(sign_in(agent), PATH)
    give(giver, other)
    made = Delegation.objects.get()
    assert sign_in(agent).post(f"{PATH}{made.public_id}/end/").status_code == 404
    assert sign_in(giver).post(f"{PATH}give/", posted(other, delegate="x")).status_code == 404
    made.refresh_from_db()
    assert made.ended_at is None
