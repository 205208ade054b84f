"""Owners, bounds, stopping and starting of AI agents; scopes, rotation and use of tokens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from governance.access import services
from governance.access.agents import READ_ONLY
from governance.access.models import AgentIdentity, ApiCredential, Queue, User
from governance.access.selectors import (
    authority_of,
    find_agent_by_token,
    find_live_credential,
    require,
    require_tool,
)
from governance.access.types import Budget, Capability, Role, Scope
from governance.ledger.models import LedgerEntry
from orchestra.core.actors import Actor, ActorKind
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotPermittedError,
    OrchestraError,
)
from tests.factories.access import make_agent, make_person, make_token

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def second(db: None) -> User:
    del db
    return make_person("second", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def agent(administrator: User) -> AgentIdentity:
    """An agent that an administrator owns."""
    return make_agent("Returns assistant", owner=administrator)


def kinds() -> list[str]:
    return list(LedgerEntry.objects.order_by("id").values_list("kind", flat=True))


def refused(act: Callable[[], object], error: type[OrchestraError], code: str) -> None:
    """The act is refused with a code, and neither row, history nor ledger changed."""
    before = state()
    with pytest.raises(error) as found:
        act()
    assert found.value.error_code == code
    assert state() == before


def state() -> list[Any]:
    return [
        list(AgentIdentity.objects.order_by("pk").values_list()),
        list(ApiCredential.objects.order_by("pk").values_list()),
        AgentIdentity.history.count(),  # type: ignore[attr-defined]
        ApiCredential.history.count(),  # type: ignore[attr-defined]
        kinds(),
    ]


def via(agent: AgentIdentity, credential: ApiCredential) -> Actor:
    return Actor(
        kind=ActorKind.AGENT,
        id=str(agent.public_id),
        label=agent.name,
        pk=agent.pk,
        via=str(credential.public_id),
    )


class TestOwner:
    def test_another_administrator_transfers_it(
        self, second: User, agent: AgentIdentity, now: datetime
    ) -> None:
        heir = make_person("heir")
        services.transfer_agent(
            actor=second.as_actor(), now=now, agent=agent, owner=heir, reason="Team moved."
        )
        agent.refresh_from_db()
        assert agent.owner == heir
        assert kinds() == ["agent.transferred"]
        history = AgentIdentity.history.latest()  # type: ignore[attr-defined]
        assert (history.history_change_reason, history.actor_id) == (
            "Team moved.",
            str(second.public_id),
        )

    def test_nobody_gives_their_own_away(
        self, administrator: User, agent: AgentIdentity, now: datetime
    ) -> None:
        heir = make_person("heir")
        refused(
            lambda: services.transfer_agent(
                actor=administrator.as_actor(), now=now, agent=agent, owner=heir, reason="x"
            ),
            NotPermittedError,
            "access.own_agent",
        )

    @pytest.mark.parametrize("case", ["disabled", "same", "no reason"])
    def test_what_is_wrong_is_said(
        self, second: User, agent: AgentIdentity, now: datetime, case: str
    ) -> None:
        heir = agent.owner if case == "same" else make_person(is_active=case != "disabled")
        refused(
            lambda: services.transfer_agent(
                actor=second.as_actor(),
                now=now,
                agent=agent,
                owner=heir,
                reason=" " if case == "no reason" else "x",
            ),
            InvalidInputError,
            "agent.invalid",
        )


class TestBounds:
    def limit(self, actor: User, agent: AgentIdentity, now: datetime, **changes: Any) -> None:
        fields = {"budget": Budget(calls_per_hour=10), "ends_at": None, "reason": "Trial."}
        services.limit_agent(actor=actor.as_actor(), now=now, agent=agent, **{**fields, **changes})

    def test_they_are_set_and_read_with_the_authority(
        self, second: User, agent: AgentIdentity, now: datetime
    ) -> None:
        self.limit(second, agent, now, ends_at=now + WEEK)
        agent.refresh_from_db()
        assert (agent.budget(), agent.ends_at) == (Budget(calls_per_hour=10), now + WEEK)
        assert authority_of(agent.as_actor()).budget == Budget(calls_per_hour=10)
        assert kinds() == ["agent.limited"]

    def test_an_owner_tightens_and_never_loosens(
        self, administrator: User, second: User, agent: AgentIdentity, now: datetime
    ) -> None:
        self.limit(administrator, agent, now)
        for changes in ({"budget": Budget(calls_per_hour=11)}, {"budget": Budget()}):
            refused(
                lambda changes=changes: self.limit(administrator, agent, now, **changes),
                NotPermittedError,
                "access.own_agent",
            )
        self.limit(second, agent, now, budget=Budget())

    def test_from_its_end_on_no_token_is_accepted(
        self, second: User, agent: AgentIdentity, now: datetime
    ) -> None:
        _row, text = make_token(agent)
        self.limit(second, agent, now, ends_at=now + WEEK)
        assert find_agent_by_token(token=text, now=now + WEEK - timedelta(seconds=1)) == agent
        assert find_agent_by_token(token=text, now=now + WEEK) is None

    def test_wrong_bounds_are_said(self, second: User, agent: AgentIdentity, now: datetime) -> None:
        refused(
            lambda: self.limit(second, agent, now, ends_at=now, reason=""),
            InvalidInputError,
            "agent.invalid",
        )

    def test_who_does_not_manage_access_may_not(self, agent: AgentIdentity, now: datetime) -> None:
        other = make_person(roles=[Role.SUPERVISOR])
        with pytest.raises(NotPermittedError):
            self.limit(other, agent, now)


class TestStopping:
    def stop(self, actor: User, agent: AgentIdentity, now: datetime, reason: str = "Loops.") -> Any:
        return services.stop_agent(actor=actor.as_actor(), now=now, agent=agent, reason=reason)

    def start(
        self, actor: User, agent: AgentIdentity, now: datetime, reason: str = "Mended."
    ) -> Any:
        return services.start_agent(actor=actor.as_actor(), now=now, agent=agent, reason=reason)

    def test_it_stops_at_once(
        self, administrator: User, agent: AgentIdentity, now: datetime
    ) -> None:
        credential, text = make_token(agent)
        assert authority_of(via(agent, credential)).active
        self.stop(administrator, agent, now)
        agent.refresh_from_db()
        assert (agent.is_active, agent.stopped_by, agent.stopped_at, agent.stopped_reason) == (
            False,
            administrator,
            now,
            "Loops.",
        )
        assert find_agent_by_token(token=text, now=now) is None
        assert not authority_of(via(agent, credential)).active
        assert kinds() == ["token.revoked", "agent.disabled", "agent.stopped"]

    def test_another_person_starts_it_again(
        self, administrator: User, second: User, now: datetime
    ) -> None:
        agent = make_agent("Orders assistant")
        self.stop(administrator, agent, now)
        refused(
            lambda: self.start(administrator, agent, now),
            NotPermittedError,
            "access.another_person",
        )
        self.start(second, agent, now)
        agent.refresh_from_db()
        assert (agent.is_active, agent.stopped_by, agent.stopped_reason) == (True, None, "")
        assert kinds()[-1] == "agent.started"
        refused(lambda: self.start(second, agent, now), ConflictError, "agent.not_stopped")

    def test_its_owner_does_not_start_it(
        self, administrator: User, second: User, agent: AgentIdentity, now: datetime
    ) -> None:
        self.stop(second, agent, now)
        refused(
            lambda: self.start(administrator, agent, now), NotPermittedError, "access.own_agent"
        )

    def test_it_needs_a_reason_and_happens_once(
        self, administrator: User, agent: AgentIdentity, now: datetime
    ) -> None:
        refused(
            lambda: self.stop(administrator, agent, now, " "), InvalidInputError, "agent.invalid"
        )
        self.stop(administrator, agent, now)
        refused(lambda: self.stop(administrator, agent, now), ConflictError, "agent.stopped")


class TestScopes:
    def test_a_token_carries_less_than_its_agent(
        self,
        administrator: User,
        returns: Queue,
        now: datetime,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        agent = make_agent(queues=[returns])
        issued = services.issue_token(
            actor=administrator.as_actor(),
            now=now,
            agent=agent,
            expires_at=now + WEEK,
            scope=Scope(capabilities=READ_ONLY, tools=frozenset({"get_order"})),
        )
        actor = via(agent, issued.credential)
        with django_assert_num_queries(1):
            authority = authority_of(actor)
        assert authority.actor.via == actor.via
        require(authority=authority, capability=Capability.CASE_READ, queue_id=returns.pk)
        with pytest.raises(NotPermittedError) as found:
            require(authority=authority, capability=Capability.TOOL_PROPOSE, queue_id=returns.pk)
        assert found.value.error_code == "access.scope"
        require_tool(authority=authority, tool="get_order")
        with pytest.raises(NotPermittedError) as other:
            require_tool(authority=authority, tool="refund")
        assert (other.value.error_code, other.value.data["tool"]) == ("access.scope", "refund")
        # The agent itself, without the token, holds all of its role.
        require(
            authority=authority_of(agent.as_actor()),
            capability=Capability.TOOL_PROPOSE,
            queue_id=returns.pk,
        )

    def test_a_scope_beyond_the_role_is_not_issued(
        self, administrator: User, agent: AgentIdentity, now: datetime
    ) -> None:
        with pytest.raises(InvalidInputError) as found:
            services.issue_token(
                actor=administrator.as_actor(),
                now=now,
                agent=agent,
                expires_at=now + WEEK,
                scope=Scope(capabilities=frozenset({Capability.APPROVAL_VOTE})),
            )
        assert [error.code for error in found.value.errors] == ["beyond_role"]
        assert not ApiCredential.objects.exists()

    def test_a_revoked_or_foreign_token_carries_nothing(
        self, agent: AgentIdentity, administrator: User, now: datetime
    ) -> None:
        mine, _text = make_token(agent)
        other, _text = make_token(make_agent())
        assert not authority_of(via(agent, other)).active
        services.revoke_token(actor=administrator.as_actor(), now=now, credential=mine)
        assert not authority_of(via(agent, mine)).active


class TestRotation:
    def rotate(
        self, actor: User, old: ApiCredential, now: datetime, overlap: timedelta = WEEK
    ) -> services.IssuedToken:
        return services.rotate_token(
            actor=actor.as_actor(),
            now=now,
            credential=old,
            expires_at=now + timedelta(days=90),
            overlap=overlap,
        )

    def test_both_work_for_a_while_and_carry_the_same(
        self, administrator: User, agent: AgentIdentity, now: datetime
    ) -> None:
        first = services.issue_token(
            actor=administrator.as_actor(),
            now=now,
            agent=agent,
            expires_at=now + timedelta(days=30),
            scope=Scope(capabilities=READ_ONLY, tools=frozenset({"get_order"})),
        )
        made = self.rotate(administrator, first.credential, now)
        old = ApiCredential.objects.get(pk=first.credential.pk)
        assert old.expires_at == now + WEEK
        assert made.credential.replaces == old
        assert (made.credential.capabilities, made.credential.tools) == (
            old.capabilities,
            old.tools,
        )
        for text in (first.secret, made.secret):
            assert find_agent_by_token(token=text, now=now + WEEK / 2) == agent
        assert find_agent_by_token(token=first.secret, now=now + WEEK) is None
        assert find_agent_by_token(token=made.secret, now=now + WEEK) == agent
        assert kinds()[-2:] == ["token.issued", "token.rotated"]
        assert made.secret not in repr(made)

    def test_it_never_lengthens_the_old_one(
        self, administrator: User, agent: AgentIdentity, now: datetime
    ) -> None:
        old, _text = make_token(agent, expires_at=now + timedelta(hours=1))
        self.rotate(administrator, old, now)
        old.refresh_from_db()
        assert old.expires_at == now + timedelta(hours=1)

    def test_a_token_is_replaced_once_and_while_it_lives(
        self, administrator: User, agent: AgentIdentity, now: datetime
    ) -> None:
        old, _text = make_token(agent, expires_at=now + WEEK)
        self.rotate(administrator, old, now)
        refused(lambda: self.rotate(administrator, old, now), ConflictError, "token.not_live")
        over, _text = make_token(agent, expires_at=now)
        refused(lambda: self.rotate(administrator, over, now), ConflictError, "token.not_live")

    @pytest.mark.parametrize("overlap", [timedelta(days=-1), timedelta(days=8)])
    def test_the_overlap_has_bounds(
        self, administrator: User, agent: AgentIdentity, now: datetime, overlap: timedelta
    ) -> None:
        old, _text = make_token(agent, expires_at=now + WEEK)
        with pytest.raises(InvalidInputError) as found:
            self.rotate(administrator, old, now, overlap)
        assert [error.field for error in found.value.errors] == ["overlap"]


class TestUse:
    def test_it_is_noted_at_most_once_a_minute(
        self,
        agent: AgentIdentity,
        now: datetime,
        django_assert_num_queries: DjangoAssertNumQueries,
    ) -> None:
        cache.clear()
        credential, text = make_token(agent)
        with django_assert_num_queries(1):
            services.mark_used(credential=credential, now=now)
        for after, queries in ((1, 0), (59, 0)):
            found = find_live_credential(token=text, now=now)
            assert found is not None
            assert found.last_used_at == now
            with django_assert_num_queries(queries):
                services.mark_used(credential=found, now=now + timedelta(seconds=after))
        cache.clear()
        services.mark_used(credential=found, now=now + timedelta(seconds=61))
        credential.refresh_from_db()
        assert credential.last_used_at == now + timedelta(seconds=61)
        assert kinds() == []
