"""Every conflict of duty, by a table of people; each has its counterpart without conflict."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.access.types import Delegation, QueueGrant, Role
from governance.access_reviews.duties import by_grant, count_people, list_conflicts
from governance.access_reviews.types import (
    AgentHeld,
    ConflictKind,
    HeldGrant,
    Holdings,
    PersonHeld,
)
from tests.governance.access_reviews.test_rules import queue, role, role_queue

K, R = ConflictKind, Role
ME, OTHER, THIRD = "me", "other", "third"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def world(
    *grants: HeldGrant,
    active: bool = True,
    superuser: bool = False,
    agents: tuple[AgentHeld, ...] = (),
    delegations: tuple[Delegation, ...] = (),
) -> Holdings:
    return Holdings(
        grants=grants,
        people={
            ME: PersonHeld(ME, "Me", active, superuser),
            OTHER: PersonHeld(OTHER, "Other", active=True, is_superuser=False),
            THIRD: PersonHeld(THIRD, "Third", active=True, is_superuser=False),
        },
        agents=agents,
        queues={"returns": "Returns", "accounts": "Accounts"},
        delegations=delegations,
    )


def agent(*, answering: str = ME, place: str = "returns", active: bool = True) -> AgentHeld:
    return AgentHeld("a", "Bot", active, frozenset({answering}), frozenset({place}))


def handed(giver: str, to: str, covers: Role = R.SUPERVISOR) -> Delegation:
    return Delegation(giver, giver.title(), to, covers, NOW, NOW + timedelta(days=5))


VOTES = (role(ME, R.SUPERVISOR), queue(ME, "returns"))


@pytest.mark.parametrize(
    ("holdings", "kinds"),
    [
        (world(*VOTES), set()),
        (world(*VOTES, role(ME, R.POLICY_OWNER)), {K.RULES_AND_VOTES, K.WRITES_AND_PUBLISHES}),
        (world(*VOTES, role(OTHER, R.POLICY_OWNER)), {K.WRITES_AND_PUBLISHES}),
        (world(role(ME, R.POLICY_OWNER), queue(ME, "returns")), {K.WRITES_AND_PUBLISHES}),
        (world(*VOTES, agents=(agent(),)), {K.AGENT_AND_VOTES}),
        (world(*VOTES, agents=(agent(answering=OTHER),)), set()),
        (world(*VOTES, agents=(agent(place="accounts"),)), set()),
        (world(*VOTES, agents=(agent(active=False),)), set()),
        (world(*VOTES, role(ME, R.ADMINISTRATOR)), {K.ACCESS_AND_VOTES}),
        (world(role(ME, R.SUPERVISOR), role(ME, R.ADMINISTRATOR)), set()),
        (
            world(role(ME, R.COMPLIANCE_OFFICER), role(ME, R.ADMINISTRATOR)),
            {K.ACCESS_AND_REVIEW, K.WRITES_AND_PUBLISHES},
        ),
        (world(role(ME, R.QA_LEAD)), set()),
        (world(role(ME, R.HUMAN_AGENT), superuser=True), {K.SUPERUSER}),
        (world(role(ME, R.POLICY_OWNER), superuser=True, active=False), set()),
        (
            world(*VOTES, delegations=(handed(OTHER, ME), handed(ME, THIRD))),
            {K.HANDS_ON},
        ),
        (world(*VOTES, delegations=(handed(OTHER, ME),)), set()),
        (world(*VOTES, delegations=(handed(ME, THIRD),)), set()),
        (
            world(*VOTES, delegations=(handed(OTHER, ME, R.HUMAN_AGENT), handed(ME, THIRD))),
            set(),
        ),
    ],
)
def test_each_conflict_and_what_is_none(holdings: Holdings, kinds: set[ConflictKind]) -> None:
    found = list_conflicts(holdings)
    assert {one.kind for one in found} == kinds
    counts = count_people(found)
    assert {kind for kind, count in counts.items() if count} == kinds
    assert set(counts) == set(ConflictKind)


def test_a_conflict_is_shown_at_the_grant_that_makes_it() -> None:
    (one,) = list_conflicts(world(*VOTES, queue(ME, "accounts"), agents=(agent(),)))
    assert one.keys == {f"queue:{ME}:returns:{QueueGrant.VOTE}"}
    assert (one.places, one.others) == (("Returns",), ("Bot",))
    assert set(by_grant([one])) == one.keys


def test_who_votes_through_a_role_has_the_conflict_at_the_role() -> None:
    (one,) = list_conflicts(
        world(role(ME, R.SUPERVISOR), role_queue(R.SUPERVISOR, "returns"), agents=(agent(),))
    )
    assert one.keys == {f"role:{ME}:supervisor"}


def test_a_chain_names_both_ends() -> None:
    (one,) = list_conflicts(world(*VOTES, delegations=(handed(OTHER, ME), handed(ME, THIRD))))
    assert one.others == ("Other", "Third")
    assert one.keys == {f"role:{ME}:supervisor"}
