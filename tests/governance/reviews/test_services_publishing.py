"""An approved change comes into force whole, now or as planned, or says why not."""

from datetime import timedelta
from typing import Any

import pytest

from governance.access.models import User
from governance.ledger.models import LedgerEntry
from governance.policies import registry
from governance.policies.models import PolicyVersion
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ChangeState
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)
from tests.factories.access import make_agent
from tests.factories.policies import naming
from tests.factories.reviews import (
    LATER,
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


@pytest.fixture
def approved(people: People) -> ChangeRequest:
    put_in_force()
    return approve(submit_change(people.author), people.officer)


def in_force() -> list[tuple[int, Any]]:
    found = PolicyVersion.objects.filter(state="published").order_by("pk")
    return [(one.number, [row["id"] for row in one.document["rules"]]) for one in found]


def refused(change: ChangeRequest, person: User) -> OrchestraError:
    before, entries = in_force(), LedgerEntry.objects.count()
    state = ChangeRequest.objects.get(pk=change.pk).state
    with pytest.raises(OrchestraError) as caught:
        publish(change, person)
    assert (in_force(), LedgerEntry.objects.count()) == (before, entries)
    assert ChangeRequest.objects.get(pk=change.pk).state == state
    return caught.value


def plan(change: ChangeRequest, person: User, **changes: Any) -> ChangeRequest:
    given = {"now": NOW, "publish_at": LATER, **changes}
    return services.schedule(actor=person.as_actor(), change_id=change.public_id, **given)


def test_an_approved_change_replaces_the_version_in_force(
    people: People, approved: ChangeRequest
) -> None:
    change = publish(approved, people.owner)
    assert (change.state, change.published_number, change.published_at) == ("published", 2, LATER)
    assert in_force() == [(2, ["unsure", "new"])]
    version = PolicyVersion.objects.get(number=2)
    assert version.digest == change.digest
    kinds = LedgerEntry.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds)[-2:] == ["policy.published", "change.published"]


def test_the_first_version_comes_into_force_the_same_way(people: People) -> None:
    change = approve(submit_change(people.author), people.officer)
    assert publish(change, people.author).published_number == 1
    assert in_force() == [(1, ["unsure", "new"])]


def test_the_change_before_is_no_longer_in_force(people: People, approved: ChangeRequest) -> None:
    first = publish(approved, people.owner)
    second = approve(submit_change(people.author, make_text("third")), people.officer)
    publish(second, people.owner)
    first.refresh_from_db()
    assert first.state == ChangeState.RETIRED
    assert LedgerEntry.objects.get(kind="change.retired").subject_id == str(first.public_id)


def test_nobody_publishes_what_is_not_approved(people: People) -> None:
    put_in_force()
    for change in (open_change(people.author), submit_change(people.author)):
        error = refused(change, people.owner)
        assert (type(error), error.error_code) == (ConflictError, "change.state")


def test_who_may_not_publish(people: People, approved: ChangeRequest) -> None:
    assert isinstance(refused(approved, people.supervisor), NotPermittedError)
    agent = make_agent(owner=people.owner, acts_for=people.owner).as_actor()
    with pytest.raises(NotFoundError):
        services.publish(actor=agent, now=LATER, change_id=approved.public_id)
    assert in_force() == [(1, ["unsure"])]


def test_another_version_in_between_is_said_and_the_way_on(
    people: People, approved: ChangeRequest
) -> None:
    put_in_force(make_text("between"))
    error = refused(approved, people.owner)
    assert (error.status, error.error_code) == (409, "change.base_moved")
    actor = people.author.as_actor()
    services.rebase(actor=actor, now=NOW, change_id=approved.public_id)
    change = services.submit(actor=actor, now=NOW, change_id=approved.public_id)
    assert publish(approve(change, people.officer), people.owner).published_number == 3


def test_a_vote_that_fell_away_stops_it(people: People, approved: ChangeRequest) -> None:
    people.officer.is_active = False
    people.officer.save()
    assert refused(approved, people.owner).error_code == "change.no_quorum"


def test_another_text_than_was_rehearsed_is_refused(
    people: People, approved: ChangeRequest
) -> None:
    ChangeRequest.objects.update(rehearsal_digest="c" * 64)
    assert refused(approved, people.owner).error_code == "change.rehearsal_stale"


def test_a_text_altered_past_the_services_is_refused(
    people: People, approved: ChangeRequest
) -> None:
    ChangeRequest.objects.update(document=make_text("slipped_in"))
    assert refused(approved, people.owner).error_code == "change.text_altered"


def test_a_text_that_became_invalid_is_refused_with_every_error(
    people: People, approved: ChangeRequest
) -> None:
    registry.tool_names.register("tests", naming)
    error = refused(approved, people.owner)
    assert isinstance(error, InvalidInputError)
    assert [(one.field, one.code) for one in error.errors] == [("scope.tools[0]", "unknown_tool")]


def test_a_planned_change_comes_into_force_at_its_time(
    people: People, approved: ChangeRequest
) -> None:
    change = plan(approved, people.owner)
    assert (change.state, change.publish_at) == ("scheduled", LATER)
    assert services.publish_due(now=LATER - timedelta(seconds=1), batch=10) == 0
    assert in_force() == [(1, ["unsure"])]
    assert services.publish_due(now=LATER, batch=10) == 1
    assert services.publish_due(now=LATER, batch=10) == 0
    change.refresh_from_db()
    assert (change.state, change.published_number, change.publish_at) == ("published", 2, None)
    assert in_force() == [(2, ["unsure", "new"])]
    assert LedgerEntry.objects.get(kind="change.published").actor_kind == "system"


def test_a_planned_change_that_cannot_be_published_is_held_with_the_reason(
    people: People, approved: ChangeRequest
) -> None:
    plan(approved, people.owner)
    put_in_force(make_text("between"))
    assert services.publish_due(now=LATER, batch=10) == 0
    approved.refresh_from_db()
    assert (approved.state, approved.publish_at) == ("approved", None)
    assert approved.held_reason.startswith("Another version came into force")
    assert in_force() == [(2, ["between"])]
    assert LedgerEntry.objects.filter(kind="change.held").count() == 1
    assert services.publish_due(now=LATER, batch=10) == 0


def test_one_that_is_held_does_not_hold_up_the_others(people: People) -> None:
    put_in_force()
    put_in_force(make_text(key="other", title="Other"))
    changes = [
        approve(submit_change(people.author), people.officer),
        approve(
            submit_change(
                people.author, make_text("n", key="other", title="Other"), document_key="other"
            ),
            people.officer,
        ),
    ]
    for change in changes:
        plan(change, people.owner)
    put_in_force(make_text("between"))
    assert services.publish_due(now=LATER, batch=10) == 1
    assert in_force() == [(2, ["between"]), (2, ["n"])]


def test_when_it_cannot_be_planned(people: People, approved: ChangeRequest) -> None:
    with pytest.raises(InvalidInputError) as caught:
        plan(approved, people.owner, publish_at=NOW)
    assert [one.field for one in caught.value.errors] == ["publish_at"]
    with pytest.raises(NotPermittedError):
        plan(approved, people.supervisor)
    with pytest.raises(ConflictError):
        plan(submit_change(people.author, make_text("x")), people.owner)
    approved.refresh_from_db()
    assert (approved.state, approved.publish_at) == ("approved", None)


def test_what_nobody_published_in_time_lapses(people: People, approved: ChangeRequest) -> None:
    waiting = submit_change(people.author, make_text("x"))
    draft = open_change(people.author, make_text("y"))
    ends = NOW + timedelta(days=14)
    assert services.expire_due(now=ends - timedelta(seconds=1), batch=10) == 0
    assert services.expire_due(now=ends, batch=10) == 2
    assert services.expire_due(now=ends, batch=10) == 0
    for change in (approved, waiting, draft):
        change.refresh_from_db()
    assert (approved.state, waiting.state, draft.state) == ("expired", "expired", "draft")
    assert in_force() == [(1, ["unsure"])]
    assert LedgerEntry.objects.filter(kind="change.expired").count() == 2


def unplan(change: ChangeRequest, person: User) -> ChangeRequest:
    return services.unschedule(actor=person.as_actor(), now=NOW, change_id=change.public_id)


def test_a_planned_time_is_taken_back(people: People, approved: ChangeRequest) -> None:
    plan(approved, people.owner)
    change = unplan(approved, people.officer)
    assert (change.state, change.publish_at) == (ChangeState.APPROVED, None)
    assert LedgerEntry.objects.filter(kind="change.unscheduled").count() == 1
    assert services.publish_due(now=LATER, batch=10) == 0
    assert in_force()[0][0] == 1
    assert publish(change, people.owner).state == ChangeState.PUBLISHED


def test_who_may_not_take_it_back_and_when_there_is_none(
    people: People, approved: ChangeRequest
) -> None:
    with pytest.raises(ConflictError):
        unplan(approved, people.owner)
    plan(approved, people.owner)
    with pytest.raises(NotPermittedError):
        unplan(approved, people.supervisor)
    approved.refresh_from_db()
    assert (approved.state, approved.publish_at) == ("scheduled", LATER)
