"""What people say about a text under review, and that it is settled."""

import json
from datetime import timedelta

import pytest

from governance.access.types import Role
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.reviews import services
from governance.reviews.models import ChangeRequest, ReviewComment
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import make_agent, make_person
from tests.factories.reviews import NOW, People, put_in_force, submit_change

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(people: People) -> ChangeRequest:
    put_in_force()
    return submit_change(people.author)


@pytest.fixture
def said(people: People, change: ChangeRequest) -> ReviewComment:
    return services.comment(
        actor=people.supervisor.as_actor(),
        now=NOW,
        change_id=change.public_id,
        text=" Who looks at 03:00? ",
        place=" Row 1 ",
    )


def test_a_comment_belongs_to_the_text_it_was_made_on(
    change: ChangeRequest, said: ReviewComment
) -> None:
    assert (said.text, said.place, said.digest) == ("Who looks at 03:00?", "Row 1", change.digest)
    assert said.resolved_at is None
    assert LedgerEntry.objects.filter(kind="change.commented").count() == 1


@pytest.mark.parametrize("text", [" ", "x" * 5001])
def test_an_empty_or_endless_comment_is_refused(
    people: People, change: ChangeRequest, text: str
) -> None:
    actor = people.supervisor.as_actor()
    with pytest.raises(InvalidInputError):
        services.comment(actor=actor, now=NOW, change_id=change.public_id, text=text)
    assert ReviewComment.objects.count() == 0


def test_only_people_comment(change: ChangeRequest) -> None:
    with pytest.raises(NotPermittedError):
        services.comment(actor=system("x"), now=NOW, change_id=change.public_id, text="Hello")
    with pytest.raises(NotFoundError):
        services.comment(
            actor=make_agent().as_actor(), now=NOW, change_id=change.public_id, text="Hello"
        )
    assert ReviewComment.objects.count() == 0


@pytest.mark.parametrize("who", ["supervisor", "author"])
def test_its_author_or_the_changes_settles_it_once(
    people: People, change: ChangeRequest, said: ReviewComment, who: str
) -> None:
    person, later = getattr(people, who), NOW + timedelta(minutes=33)
    given = {"actor": person.as_actor(), "now": later, "change_id": change.public_id}
    done = services.resolve_comment(**given, number=1)
    said.refresh_from_db()
    assert done == said
    assert (said.resolved_at, said.resolved_by) == (later, person)
    entry = LedgerEntry.objects.get(kind="change.comment_resolved")
    payload = json.loads(bytes(EntryPayload.objects.get(entry=entry).body))
    assert (payload["number"], payload["author"], payload["place"]) == (1, "sam", "Row 1")
    with pytest.raises(ConflictError):
        services.resolve_comment(**given, number=1)
    for number in (0, 2):
        with pytest.raises(NotFoundError):
            services.resolve_comment(**given, number=number)
    assert LedgerEntry.objects.filter(kind="change.comment_resolved").count() == 1


def test_nobody_else_settles_it(people: People, change: ChangeRequest, said: ReviewComment) -> None:
    for person, error in (
        (people.officer, NotPermittedError),
        (make_person(roles=[Role.HUMAN_AGENT]), NotFoundError),
    ):
        with pytest.raises(error):
            services.resolve_comment(
                actor=person.as_actor(), now=NOW, change_id=change.public_id, number=1
            )
    said.refresh_from_db()
    assert said.resolved_at is None
    assert not LedgerEntry.objects.filter(kind="change.comment_resolved").exists()
