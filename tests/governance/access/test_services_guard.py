"""Nobody gives to themselves, by no detour, and the centre keeps somebody who manages access."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from governance.access import services
from governance.access.models import (
    AgentIdentity,
    AgentQueueGrant,
    ApiCredential,
    Queue,
    QueueGroupGrant,
    RoleHolding,
    User,
)
from governance.access.selectors import authority_of
from governance.access.types import QueueGrant, Role
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import Actor, system
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import hold_role, make_agent, make_person

pytestmark = pytest.mark.django_db

WHY = "as agreed"


def refuse(act: Callable[[], object], code: str) -> None:
    """Run what widens the actor's own authority: refused, and nothing written."""
    before = LedgerEntry.objects.count()
    with pytest.raises(NotPermittedError) as refused:
        act()
    assert refused.value.error_code == code
    assert LedgerEntry.objects.count() == before


def test_a_queue_for_a_role_one_holds_is_for_oneself(
    administrator: User, returns: Queue, now: datetime
) -> None:
    hold_role(administrator, Role.SUPERVISOR)
    User.objects.update(is_superuser=True)
    act = {"actor": administrator.as_actor(), "now": now, "queue": returns, "reason": WHY}
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        refuse(
            lambda role=role: services.grant_role_queue(**act, role=role, grant=QueueGrant.VOTE),
            "access.own_authority",
        )
    assert not QueueGroupGrant.objects.exists()
    assert services.grant_role_queue(**act, role=Role.SPECIALIST, grant=QueueGrant.VOTE)


@pytest.mark.parametrize("bond", ["owner", "acts_for"])
def test_an_agent_of_ones_own_needs_another_administrator(
    administrator: User, returns: Queue, now: datetime, bond: str
) -> None:
    make_person(roles=[Role.ADMINISTRATOR])
    agent = make_agent(**{bond: administrator})  # type: ignore[arg-type]
    actor = administrator.as_actor()
    expires_at = now + timedelta(days=1)
    acts: tuple[Callable[[], object], ...] = (
        lambda: services.grant_agent_queue(
            actor=actor, now=now, agent=agent, queue=returns, reason=WHY
        ),
        lambda: services.issue_token(actor=actor, now=now, agent=agent, expires_at=expires_at),
        lambda: services.create_agent(
            actor=actor,
            now=now,
            name="Mine",
            queues=[returns],
            reason=WHY,
            **{"owner": make_person(), bond: administrator},  # type: ignore[arg-type]
        ),
    )
    for act in acts:
        refuse(act, "access.own_authority")
    assert not AgentQueueGrant.objects.exists()
    assert not ApiCredential.objects.exists()
    assert AgentIdentity.objects.get() == agent
    # Taking is another matter: it widens nothing.
    assert services.revoke_agent_queue(actor=actor, now=now, agent=agent, queue=returns) is False


def test_the_only_administrator_connects_their_own_agent(
    administrator: User, returns: Queue, now: datetime
) -> None:
    # Nobody else could; and an owner never votes on what the agent asks for.
    make_person(roles=[Role.ADMINISTRATOR], is_active=False)
    ended = make_person(roles=[Role.ADMINISTRATOR])
    RoleHolding.objects.filter(user=ended).update(
        since_at=datetime(2020, 1, 1, tzinfo=UTC), until_at=datetime(2021, 1, 1, tzinfo=UTC)
    )
    actor = administrator.as_actor()
    agent = services.create_agent(
        actor=actor, now=now, name="Mine", owner=administrator, queues=[returns], reason=WHY
    )
    services.issue_token(actor=actor, now=now, agent=agent, expires_at=now + timedelta(days=1))
    assert authority_of(agent.as_actor()).queue_grants.keys() == {returns.pk}


def test_one_may_give_up_a_role_unless_one_is_the_last_who_manages(
    administrator: User, now: datetime
) -> None:
    hold_role(administrator, Role.SUPERVISOR)
    act = {"actor": administrator.as_actor(), "now": now, "user": administrator}
    assert services.take_role(**act, role=Role.SUPERVISOR)
    other = make_person(roles=[Role.ADMINISTRATOR])
    RoleHolding.objects.filter(user=other).update(until_at=datetime(2199, 1, 1, tzinfo=UTC))
    with pytest.raises(ConflictError) as refused:
        services.take_role(**act, role=Role.ADMINISTRATOR)
    assert refused.value.error_code == "access.last_manager"
    assert authority_of(administrator.as_actor()).roles == {Role.ADMINISTRATOR}
    RoleHolding.objects.filter(user=other).update(until_at=None)
    assert services.take_role(**act, role=Role.ADMINISTRATOR)
    # Whoever manages access no longer cannot undo it.
    refuse(
        lambda: services.give_role(
            actor=administrator.as_actor(),
            now=now,
            user=other,
            role=Role.SUPERVISOR,
            reason=WHY,
        ),
        "not_permitted",
    )


@pytest.mark.parametrize(
    ("terms", "fields"),
    [
        ({"reason": " "}, ["reason"]),
        ({"reason": WHY, "until_at": datetime(2020, 1, 1, tzinfo=UTC)}, ["until_at"]),
        ({"reason": "", "until_at": datetime(2020, 1, 1, tzinfo=UTC)}, ["reason", "until_at"]),
    ],
)
@pytest.mark.parametrize("what", ["role", "person", "whole role", "agent"])
def test_nothing_is_given_without_a_reason_or_into_the_past(
    returns: Queue, now: datetime, what: str, terms: dict[str, object], fields: list[str]
) -> None:
    act: dict[str, object] = {"actor": system("t"), "now": now, **terms}
    vote = {"queue": returns, "grant": QueueGrant.VOTE}
    acts: dict[str, Callable[[], object]] = {
        "role": lambda: services.give_role(**act, user=make_person(), role=Role.SUPERVISOR),  # type: ignore[arg-type]
        "person": lambda: services.grant_queue(**act, **vote, user=make_person()),  # type: ignore[arg-type]
        "whole role": lambda: services.grant_role_queue(**act, **vote, role=Role.SUPERVISOR),  # type: ignore[arg-type]
        "agent": lambda: services.grant_agent_queue(**act, agent=make_agent(), queue=returns),  # type: ignore[arg-type]
    }
    with pytest.raises(InvalidInputError) as refused:
        acts[what]()
    assert [one.field for one in refused.value.errors] == fields
    assert not LedgerEntry.objects.exists()


def test_what_is_given_says_by_whom_why_and_until_when(administrator: User, now: datetime) -> None:
    person, until_at = make_person(), datetime(2199, 1, 1, tzinfo=UTC)
    actor: Actor = administrator.as_actor()
    services.give_role(
        actor=actor, now=now, user=person, role=Role.SUPERVISOR, reason=WHY, until_at=until_at
    )
    held = RoleHolding.objects.get(user=person)
    assert (held.reason, held.given_by, held.given_by_id, held.given_by_kind) == (
        WHY,
        "petra",
        actor.id,
        "human",
    )
    assert (held.since_at, held.until_at) == (now, until_at)
    version = RoleHolding.history.get(user=person)  # type: ignore[attr-defined]
    assert (version.actor_id, version.history_change_reason, version.until_at) == (
        actor.id,
        WHY,
        until_at,
    )


def test_given_again_with_another_end_that_end_stands(administrator: User, now: datetime) -> None:
    person, actor = make_person(), administrator.as_actor()
    ends = [datetime(year, 1, 1, tzinfo=UTC) for year in (2190, 2199)]
    act = {"actor": actor, "now": now, "user": person, "role": Role.SUPERVISOR}
    assert services.give_role(**act, reason="a season", until_at=ends[0])
    assert not services.give_role(**act, reason="the same", until_at=ends[0])
    assert services.give_role(**act, reason="longer", until_at=ends[1])
    held = RoleHolding.objects.get(user=person)
    assert (held.until_at, held.reason, held.since_at) == (ends[1], "longer", now)
    assert services.give_role(**act, reason="for good")
    assert RoleHolding.objects.get(user=person).until_at is None
    kinds = list(LedgerEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[-3:] == ["role.given", "grant.end_changed", "grant.end_changed"]
    history = RoleHolding.history.filter(user=person).order_by("history_id")  # type: ignore[attr-defined]
    assert [one.history_type for one in history] == ["+", "~", "~"]
    # Extending is giving: nobody does it for themselves.
    own = {**act, "user": administrator, "role": Role.ADMINISTRATOR}
    refuse(lambda: services.give_role(**own, reason="longer"), "access.own_authority")


def test_the_last_who_manages_access_gets_no_end(administrator: User, now: datetime) -> None:
    act = {"actor": system("t"), "now": now, "user": administrator, "role": Role.ADMINISTRATOR}
    until_at = datetime(2199, 1, 1, tzinfo=UTC)
    with pytest.raises(ConflictError) as refused:
        services.give_role(**act, reason="a season", until_at=until_at)
    assert refused.value.error_code == "access.last_manager"
    assert RoleHolding.objects.get(user=administrator).until_at is None
    make_person(roles=[Role.ADMINISTRATOR])
    assert services.give_role(**act, reason="a season", until_at=until_at)
