"""Going back is a change like every other: reviewed, and a new version."""

import pytest

from governance.ledger.models import LedgerEntry
from governance.policies.models import PolicyVersion
from governance.reviews import services
from governance.reviews.types import ChangeState
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.reviews import (
    KEY,
    KIND,
    NOW,
    People,
    approve,
    make_text,
    publish,
    put_in_force,
    submit_change,
)

pytestmark = pytest.mark.django_db


def test_a_rollback_is_a_new_version_with_the_old_text(people: People) -> None:
    put_in_force()
    first = publish(approve(submit_change(people.author), people.officer), people.owner)
    actor = people.author.as_actor()
    change = services.roll_back(
        actor=actor, now=NOW, kind=KIND, document_key=KEY, number=1, summary="Row 2 is wrong."
    )
    assert (change.purpose, change.document, change.base_number) == ("rollback", make_text(), 2)
    services.submit(actor=actor, now=NOW, change_id=change.public_id)
    change.refresh_from_db()
    change = publish(approve(change, people.officer), people.owner)
    assert change.published_number == 3
    version = PolicyVersion.objects.get(state="published")
    assert (version.number, version.document) == (3, make_text())
    first.refresh_from_db()
    assert first.state == ChangeState.ROLLED_BACK
    assert LedgerEntry.objects.get(kind="change.rolled_back").subject_id == str(first.public_id)


def test_a_rollback_is_not_edited_on_the_way(people: People) -> None:
    put_in_force()
    put_in_force(make_text("second"))
    actor = people.author.as_actor()
    change = services.roll_back(
        actor=actor, now=NOW, kind=KIND, document_key=KEY, number=1, summary=""
    )
    with pytest.raises(ConflictError) as caught:
        services.save_draft(
            actor=actor,
            now=NOW,
            change_id=change.public_id,
            document=make_text("x"),
            seen_digest=change.digest,
        )
    assert caught.value.error_code == "change.not_an_edit"


def test_there_is_no_way_back_to_what_never_was(people: People) -> None:
    put_in_force()
    with pytest.raises(InvalidInputError):
        services.roll_back(
            actor=people.author.as_actor(),
            now=NOW,
            kind=KIND,
            document_key=KEY,
            number=7,
            summary="",
        )


def test_taking_out_of_force_needs_the_same_votes(people: People) -> None:
    put_in_force()
    first = publish(approve(submit_change(people.author), people.officer), people.owner)
    actor = people.author.as_actor()
    change = services.retire(actor=actor, now=NOW, change_id=first.public_id, summary="Unused.")
    assert (change.purpose, change.state) == ("retirement", "draft")
    assert change.digest != first.digest
    services.submit(actor=actor, now=NOW, change_id=change.public_id)
    change.refresh_from_db()
    change = publish(approve(change, people.officer), people.owner)
    assert (change.state, change.published_number) == ("published", 2)
    assert not PolicyVersion.objects.filter(state="published").exists()
    first.refresh_from_db()
    assert first.state == ChangeState.RETIRED
    assert LedgerEntry.objects.filter(kind="policy.retired").count() == 1
    with pytest.raises(ConflictError):
        services.retire(actor=actor, now=NOW, change_id=first.public_id, summary="")


def test_only_whoever_may_change_it_asks_for_the_way_back(people: People) -> None:
    put_in_force()
    first = publish(approve(submit_change(people.author), people.officer), people.owner)
    with pytest.raises(NotPermittedError):
        services.retire(
            actor=people.officer.as_actor(), now=NOW, change_id=first.public_id, summary=""
        )
