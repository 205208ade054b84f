"""An article from draft to force and out of it, through the one review."""

import pytest

from governance.access.types import Role
from governance.knowledge.models import ArticleInForce, ArticleVersion
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ChangeState, RiskLevel
from orchestra.core.errors import InvalidInputError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.articles import make_document, put_in_force
from tests.factories.reviews import LATER, NOW, People, approve, make_people, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return make_people()


def opened(people: People, **changes: object) -> ChangeRequest:
    return services.open_change(
        actor=people.author.as_actor(),
        now=NOW,
        kind="article",
        document_key="returns",
        title="Say it shorter",
        document=make_document(**changes),
    )


def submit(change: ChangeRequest, people: People) -> ChangeRequest:
    return services.submit(actor=people.author.as_actor(), now=NOW, change_id=change.public_id)


def test_from_draft_to_force(people: People) -> None:
    change = submit(opened(people), people)
    assert change.risk == RiskLevel.MEDIUM
    assert not ArticleInForce.objects.exists()
    change = publish(approve(change, people.officer), people.owner)
    assert change.state == ChangeState.PUBLISHED
    version = ArticleVersion.objects.get()
    assert (version.number, version.digest) == (1, change.digest)
    assert ArticleInForce.objects.get().version == version


def test_a_text_for_people_alone_is_of_low_risk(people: People) -> None:
    assert submit(opened(people, audience=["human"]), people).risk == RiskLevel.LOW


def test_the_author_does_not_approve(people: People) -> None:
    change = submit(opened(people), people)
    with pytest.raises(NotPermittedError):
        approve(change, people.author)


def test_a_wrong_text_is_saved_but_not_submitted(people: People) -> None:
    change = opened(people, review_by="soon", audience=[])
    with pytest.raises(InvalidInputError) as caught:
        submit(change, people)
    assert [error.field for error in caught.value.errors] == ["review_by", "audience"]


def test_who_may_not_write_opens_nothing(people: People) -> None:
    people = People(**{**people.__dict__, "author": make_person(roles=[Role.HUMAN_AGENT])})
    with pytest.raises(NotPermittedError):
        opened(people)


def test_rolled_back_it_is_a_new_version(people: People) -> None:
    put_in_force()
    put_in_force(title="Returns")
    change = services.roll_back(
        actor=people.author.as_actor(),
        now=NOW,
        kind="article",
        document_key="returns",
        number=1,
        summary="It was better.",
    )
    publish(approve(submit(change, people), people.officer), people.owner)
    row = ArticleInForce.objects.get()
    assert (row.version.number, row.title) == (3, "Taking goods back")


def test_taken_out_of_force_it_is_found_no_more(people: People) -> None:
    change = publish(approve(submit(opened(people), people), people.officer), people.owner)
    gone = services.retire(
        actor=people.author.as_actor(), now=LATER, change_id=change.public_id, summary="Old."
    )
    gone = services.submit(actor=people.author.as_actor(), now=LATER, change_id=gone.public_id)
    publish(approve(gone, people.officer, now=LATER), people.owner)
    assert not ArticleInForce.objects.exists()


def test_it_is_published_when_it_was_planned(people: People) -> None:
    change = approve(submit(opened(people), people), people.officer)
    services.schedule(
        actor=people.owner.as_actor(), now=NOW, change_id=change.public_id, publish_at=LATER
    )
    assert services.publish_due(now=LATER, batch=10) == 1
    assert ArticleInForce.objects.get().version.author_label == "reviews"
