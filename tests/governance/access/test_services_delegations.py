"""Handing over for a time: who may, what is kept, and how it ends."""

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from governance.access import delegated, selectors, services
from governance.access.delegation import is_in_force
from governance.access.models import Delegation, User
from governance.access.types import Capability, Role
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.access import make_agent, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def giver() -> User:
    return make_person("tomas", roles=[Role.POLICY_OWNER], first_name="Tomas", last_name="Reyes")


@pytest.fixture
def other() -> User:
    return make_person("maren", roles=[Role.POLICY_OWNER], first_name="Maren", last_name="Osei")


def hand_over(giver: User, other: User, now: datetime, **changes: object) -> Delegation:
    given: dict[str, object] = {
        "delegate_id": other.public_id,
        "covers": Role.POLICY_OWNER,
        "until_at": now + timedelta(days=7),
        "reason": "On leave.",
    }
    return services.delegate(actor=giver.as_actor(), now=now, **{**given, **changes})  # type: ignore[arg-type]


def test_it_is_one_row_with_history_and_one_entry(giver: User, other: User, now: datetime) -> None:
    made = hand_over(giver, other, now)
    assert (made.giver, made.giver_key, made.delegate) == (giver, str(giver.public_id), other)
    assert (made.covers, made.begins_at) == ("policy_owner", now)
    assert made.history.get().actor_label == "Tomas Reyes"
    entry = LedgerEntry.objects.get()
    assert (entry.kind, entry.stream, entry.subject_id) == (
        "delegation.given",
        f"user:{giver.public_id}",
        str(made.public_id),
    )
    payload = json.loads(bytes(EntryPayload.objects.get().body))
    assert (payload["giver"], payload["delegate"]) == ("Tomas Reyes", "Maren Osei")
    assert payload["reason"] == "On leave."
    value = delegated.list_given_by([str(giver.public_id)])[0]
    assert value.delegate_id == str(other.public_id)
    assert is_in_force(value, now)


def test_it_may_begin_later_but_never_before_it_is_given(
    giver: User, other: User, now: datetime
) -> None:
    later = hand_over(giver, other, now, begins_at=now + timedelta(days=2))
    assert later.begins_at == now + timedelta(days=2)
    past = hand_over(
        giver,
        other,
        now,
        covers=Capability.CHANGE_REVIEW,
        begins_at=now - timedelta(days=2),
    )
    assert past.begins_at == now


def test_what_is_wrong_is_said_at_once_and_nothing_stored(giver: User, now: datetime) -> None:
    agent = make_person("hugo", roles=[Role.HUMAN_AGENT])
    with pytest.raises(InvalidInputError) as caught:
        hand_over(giver, agent, now, until_at=now, reason="")
    assert [error.field for error in caught.value.errors] == ["delegate", "until_at", "reason"]
    with pytest.raises(InvalidInputError):
        hand_over(giver, giver, now)
    with pytest.raises(NotFoundError):
        services.delegate(
            actor=giver.as_actor(),
            now=now,
            delegate_id=uuid4(),
            covers=Role.POLICY_OWNER,
            until_at=now + timedelta(days=1),
            reason="On leave.",
        )
    assert Delegation.objects.count() == LedgerEntry.objects.count() == 0


def test_the_same_twice_is_refused(giver: User, other: User, now: datetime) -> None:
    hand_over(giver, other, now)
    with pytest.raises(ConflictError, match="already in that time"):
        hand_over(giver, other, now + timedelta(days=1))
    assert Delegation.objects.count() == 1


def test_neither_an_ai_nor_the_system_hands_over(other: User, now: datetime) -> None:
    for actor in (make_agent().as_actor(), system("test")):
        with pytest.raises(NotPermittedError):
            services.delegate(
                actor=actor,
                now=now,
                delegate_id=other.public_id,
                covers=Capability.APPROVAL_VOTE,
                until_at=now + timedelta(days=1),
                reason="No.",
            )
    assert Delegation.objects.count() == 0


@pytest.mark.parametrize("who", ["giver", "other", "administrator"])
def test_it_is_ended_early(
    giver: User, other: User, administrator: User, now: datetime, who: str
) -> None:
    made = hand_over(giver, other, now)
    actor = {"giver": giver, "other": other, "administrator": administrator}[who].as_actor()
    later = now + timedelta(days=1)
    services.end_delegation(actor=actor, now=later, delegation_id=made.public_id)
    made.refresh_from_db()
    assert made.ended_at == later
    assert LedgerEntry.objects.order_by("-pk")[0].kind == "delegation.ended"
    assert made.history.count() == 2
    value = delegated.list_given_by([str(giver.public_id)])[0]
    assert not is_in_force(value, later)
    with pytest.raises(ConflictError):
        services.end_delegation(actor=actor, now=later, delegation_id=made.public_id)


def test_nobody_else_ends_it_or_hears_of_it(giver: User, other: User, now: datetime) -> None:
    made = hand_over(giver, other, now)
    third = make_person("sam", roles=[Role.SUPERVISOR])
    with pytest.raises(NotFoundError):
        services.end_delegation(actor=third.as_actor(), now=now, delegation_id=made.public_id)
    made.refresh_from_db()
    assert made.ended_at is None
    for person, seen in ((giver, 1), (other, 1), (third, 0)):
        authority = selectors.authority_of(person.as_actor())
        assert len(delegated.list_delegations(authority=authority)) == seen


def test_who_could_stand_in_is_offered(giver: User, other: User, administrator: User) -> None:
    lead = make_person("rafael", roles=[Role.QA_LEAD])
    make_person("gone", roles=[Role.POLICY_OWNER], is_active=False)
    found = delegated.list_possible_delegates(authority=selectors.authority_of(giver.as_actor()))
    assert set(found) == {other, lead}
    nobody = selectors.authority_of(administrator.as_actor())
    assert delegated.list_possible_delegates(authority=nobody) == []
