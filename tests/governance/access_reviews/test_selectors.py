"""Reviews, their lines, who can be named, and how often acts were refused."""

from datetime import timedelta
from uuid import UUID

import pytest

from governance.access.models import User
from governance.access.types import Role
from governance.access_reviews import selectors
from governance.access_reviews.types import ItemState
from governance.ledger.refusals import Refusal, record_refusal
from orchestra.core import clock
from orchestra.core.errors import NotFoundError
from tests.factories.access import make_person
from tests.governance.access_reviews.conftest import start

pytestmark = pytest.mark.django_db


def refuse(code: str, *, days_ago: int = 0) -> None:
    person = make_person()
    record_refusal(
        actor=person.as_actor(),
        now=clock.now() - timedelta(days=days_ago),
        refusal=Refusal(act="approval.vote", code=code, message="No."),
    )


def test_refusals_are_counted_by_code_within_the_span() -> None:
    refuse("approval.own_request")
    refuse("approval.own_request", days_ago=91)
    refuse("approval.own_request", days_ago=93)
    refuse("change.own")
    assert selectors.count_refusals(now=clock.now()) == (
        {"approval.own_request": 2, "change.own": 1},
        True,
    )


def test_more_refusals_than_are_read_make_a_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MOST_REFUSALS", 2)
    for _number in range(3):
        refuse("change.own")
    assert selectors.count_refusals(now=clock.now()) == ({"change.own": 2}, False)


def test_who_can_be_named_is_active_and_may_review(people: dict[str, User]) -> None:
    make_person("gone", roles=[Role.COMPLIANCE_OFFICER], is_active=False)
    assert list(selectors.list_possible_reviewers()) == [people["ilse"], people["rafael"]]


def test_the_open_review_and_its_counts(people: dict[str, User]) -> None:
    assert selectors.find_open() is None
    assert selectors.last_finished() is None
    review = start(people)
    review.items.filter(holder_label="maren").update(state=ItemState.CONFIRMED)
    found = selectors.find_open()
    assert found is not None
    assert found.pk == review.pk
    done = review.items.filter(holder_label="maren").count()
    assert (found.line_count, found.decided_count) == (review.items.count(), done)  # type: ignore[attr-defined]  # annotated by the selector
    counts = selectors.count_by_state(selectors.list_items(review.public_id))
    assert counts[ItemState.CONFIRMED] == done
    assert sum(counts.values()) == review.items.count()


def test_an_unknown_review_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        selectors.get_review(UUID(int=1))
