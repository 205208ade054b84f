"""A disabled person stops at once, everywhere, and comes back with what they hold."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from governance.access import registry, services
from governance.access.models import Delegation, Queue, User
from governance.access.selectors import authority_of, find_agent_by_token, list_eligible_voters
from governance.access.types import Capability, Lost, LostBy, Role
from governance.ledger.models import EntryPayload, LedgerEntry
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import make_agent, make_person, make_supervisor, make_token

pytestmark = pytest.mark.django_db

WHY = "left the centre"


@pytest.fixture
def petra(administrator: User) -> Actor:
    return administrator.as_actor()


@pytest.fixture
def maren(returns: Queue) -> User:
    return make_supervisor(returns, "maren", first_name="Maren", last_name="Osei")


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))


def last_payload() -> dict[str, object]:
    found: dict[str, object] = json.loads(bytes(EntryPayload.objects.latest("entry_id").body))
    return found


def test_everything_of_theirs_stops_in_one_act(
    petra: Actor, maren: User, returns: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    told: list[Lost] = []
    note = {"test": lambda _actor, _now, what: told.append(what)}
    monkeypatch.setattr(registry.lost, "_items", note)
    other = make_supervisor(returns)
    for giver, delegate in ((maren, other), (other, maren)):
        services.delegate(
            actor=giver.as_actor(),
            now=now,
            delegate_id=delegate.public_id,
            covers=Capability.APPROVAL_VOTE,
            until_at=now + timedelta(days=1),
            reason="a day off",
        )
    _row, text = make_token(make_agent(acts_for=maren), expires_at=now + timedelta(days=9))
    _row, owned = make_token(make_agent(owner=maren), expires_at=now + timedelta(days=9))
    before = len(kinds())
    services.disable_person(actor=petra, now=now, person=maren, reason=f" {WHY} ")
    maren.refresh_from_db()
    assert (maren.is_active, maren.disabled_at, maren.disabled_by, maren.disabled_reason) == (
        False,
        now,
        "petra",
        WHY,
    )
    assert not authority_of(maren.as_actor()).active
    assert list_eligible_voters(queue_id=returns.pk, roles=(), barred_ids=()) == [other]
    assert find_agent_by_token(token=text, now=now) is None
    # An agent that they only own acts for nobody; another person may answer for it.
    assert find_agent_by_token(token=owned, now=now) is not None
    assert set(Delegation.objects.values_list("ended_at", flat=True)) == {now}
    assert kinds()[before:] == [
        "token.revoked",
        "delegation.ended",
        "delegation.ended",
        "person.disabled",
    ]
    payload = last_payload()
    assert (payload["person"], payload["reason"]) == ("Maren Osei", WHY)
    assert (payload["tokens"], payload["delegations"]) == (1, 2)
    people = frozenset({str(maren.public_id)})
    assert told == [Lost(by=LostBy.DISABLED, people=people, label="Maren Osei", reason=WHY)]
    services.disable_person(actor=petra, now=now, person=maren, reason=WHY)
    assert len(kinds()) == before + 4
    assert len(told) == 1


def test_enabling_gives_back_what_they_hold_and_nothing_that_stopped(
    petra: Actor, maren: User, now: datetime
) -> None:
    held = authority_of(maren.as_actor())
    _row, text = make_token(make_agent(acts_for=maren))
    services.disable_person(actor=petra, now=now, person=maren, reason=WHY)
    services.enable_person(actor=petra, now=now, person=maren, reason="came back")
    assert authority_of(maren.as_actor()) == held
    maren.refresh_from_db()
    assert (maren.disabled_at, maren.disabled_by, maren.disabled_reason) == (None, "", "")
    assert find_agent_by_token(token=text, now=now) is None
    assert kinds()[-1] == "person.enabled"
    services.enable_person(actor=petra, now=now, person=maren, reason="again")
    assert kinds().count("person.enabled") == 1


@pytest.mark.parametrize("act", [services.disable_person, services.enable_person])
def test_without_a_reason_nothing_changes(
    petra: Actor, maren: User, now: datetime, act: object
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        act(actor=petra, now=now, person=maren, reason="  ")  # type: ignore[operator]
    assert [one.field for one in refused.value.errors] == ["reason"]
    assert (User.objects.get(pk=maren.pk).is_active, kinds()) == (True, [])


@pytest.mark.parametrize("act", [services.disable_person, services.enable_person])
def test_only_who_manages_access(maren: User, now: datetime, act: object) -> None:
    for who in (make_person(is_superuser=True).as_actor(), make_agent().as_actor()):
        with pytest.raises(NotPermittedError):
            act(actor=who, now=now, person=maren, reason=WHY)  # type: ignore[operator]
    assert (User.objects.get(pk=maren.pk).is_active, kinds()) == (True, [])


def test_nobody_enables_themselves(administrator: User, now: datetime) -> None:
    with pytest.raises(NotPermittedError) as refused:
        services.enable_person(
            actor=administrator.as_actor(), now=now, person=administrator, reason=WHY
        )
    assert refused.value.error_code == "access.own_authority"


def test_the_last_who_manages_access_stays(administrator: User, now: datetime) -> None:
    petra = administrator.as_actor()
    with pytest.raises(ConflictError) as refused:
        services.disable_person(actor=petra, now=now, person=administrator, reason=WHY)
    assert refused.value.error_code == "access.last_manager"
    assert User.objects.get(pk=administrator.pk).is_active
    make_person(roles=[Role.ADMINISTRATOR])
    services.disable_person(actor=petra, now=now, person=administrator, reason=WHY)
    assert not User.objects.get(pk=administrator.pk).is_active
