"""The matrix says what the permission function says, for every role and capability."""

from dataclasses import replace

import pytest

from governance.access import rules
from governance.access.matrix import KEPT_APART, Scope, build_matrix, framed_in, scope_of
from governance.access.types import Capability, QueueGrant, Role
from tests.factories.access import agent_authority, person_authority

C, R = Capability, Role
HERE = 7


@pytest.mark.parametrize("role", R)
def test_each_cell_agrees_with_the_permission_function(role: Role) -> None:
    bare = agent_authority() if role is R.AI_AGENT else person_authority(role)
    granted = (
        agent_authority(queues=[HERE])
        if role is R.AI_AGENT
        else person_authority(role, grants={HERE: QueueGrant})
    )
    bare = replace(bare, every_kind=frozenset())
    granted = replace(granted, every_kind=rules.BOUND_KINDS)
    for capability in C:
        scope = scope_of(role, capability)
        if capability in rules.DOCUMENT_BOUND:
            may = [rules.may_on(one, capability, "policy", "refunds") for one in (bare, granted)]
        else:
            may = [rules.may(one, capability, HERE) for one in (bare, granted)]
        assert may == [scope is Scope.EVERYWHERE, scope is not Scope.NO], capability


@pytest.mark.parametrize(
    ("role", "capability", "scope"),
    [
        (R.SUPERVISOR, C.APPROVAL_VOTE, Scope.OWN),
        (R.COMPLIANCE_OFFICER, C.CASE_READ, Scope.EVERYWHERE),
        (R.COMPLIANCE_OFFICER, C.ACCESS_REVIEW, Scope.EVERYWHERE),
        (R.ADMINISTRATOR, C.ACCESS_REVIEW, Scope.NO),
        (R.AI_AGENT, C.APPROVAL_VOTE, Scope.NO),
        (R.AI_AGENT, C.TOOL_PROPOSE, Scope.OWN),
        (R.POLICY_OWNER, C.POLICY_EDIT, Scope.OWN),
        (R.POLICY_OWNER, C.KNOWLEDGE_EDIT, Scope.EVERYWHERE),
    ],
)
def test_what_is_sensitive_is_as_written(role: Role, capability: Capability, scope: Scope) -> None:
    assert build_matrix()[capability][role] is scope


def test_a_pair_is_framed_only_where_a_role_carries_both() -> None:
    assert framed_in(R.SUPERVISOR) >= {C.TOOL_PROPOSE, C.APPROVAL_VOTE}
    assert framed_in(R.POLICY_OWNER) >= {C.POLICY_EDIT, C.CHANGE_REVIEW}
    assert framed_in(R.HUMAN_AGENT) == frozenset()
    assert framed_in(R.AI_AGENT) == frozenset()
    for role in R:
        for one in framed_in(role):
            assert any(one in pair for pair in KEPT_APART)
            assert scope_of(role, one) is not Scope.NO
