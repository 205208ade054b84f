"""Who answers an alert."""

import pytest

from governance.access.types import Authority, Role
from orchestra.core.actors import Actor, ActorKind
from qa.targets.rules import may_answer


@pytest.mark.parametrize(
    ("kind", "roles", "active", "may"),
    [
        (ActorKind.HUMAN, {Role.SUPERVISOR}, True, True),
        (ActorKind.HUMAN, {Role.QA_LEAD}, True, True),
        (ActorKind.HUMAN, {Role.QA_ANALYST}, True, False),
        (ActorKind.HUMAN, {Role.SUPERVISOR}, False, False),
        (ActorKind.AGENT, {Role.SUPERVISOR}, True, False),
        (ActorKind.HUMAN, set(), True, False),
    ],
)
def test_the_owner_answers_and_who_sets_targets(
    kind: ActorKind,
    roles: set[Role],
    active: bool,
    may: bool,
) -> None:
    authority = Authority(Actor(kind, "x", "X"), active=active, roles=frozenset(roles))
    assert may_answer(authority=authority, owner=Role.SUPERVISOR) is may
