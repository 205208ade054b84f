"""Which role may do what, and on which queues."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.access import rules
from governance.access.types import Authority, Capability, QueueGrant, Role
from orchestra.core.actors import Actor, ActorKind, system
from tests.factories.access import agent_authority, person_authority

C, G, R = Capability, QueueGrant, Role
HERE, ELSEWHERE = 7, 8

people = st.builds(
    lambda roles, grants: person_authority(*roles, grants=grants),
    st.sets(st.sampled_from(R)),
    st.dictionaries(st.sampled_from([HERE, ELSEWHERE]), st.sets(st.sampled_from(G))),
)
capabilities = st.sampled_from(C)
places = st.sampled_from([None, HERE, ELSEWHERE])


def test_every_role_is_in_the_table_and_every_capability_is_carried() -> None:
    assert set(rules.CAPABILITIES) == set(R)
    assert rules.capabilities_of(R) == set(C)


@pytest.mark.parametrize(
    ("capability", "holders"),
    [
        (C.APPROVAL_VOTE, {R.SPECIALIST, R.SUPERVISOR, R.COMPLIANCE_OFFICER}),
        (C.CUSTOMER_VERIFY, {R.HUMAN_AGENT, R.SPECIALIST, R.SUPERVISOR}),
        (C.HANDOFF_ACCEPT, {R.HUMAN_AGENT, R.SPECIALIST, R.SUPERVISOR}),
        (C.TOOL_PROPOSE, {R.AI_AGENT, R.HUMAN_AGENT, R.SPECIALIST, R.SUPERVISOR}),
        (C.POLICY_EDIT, {R.POLICY_OWNER}),
        (C.CUE_SHEET_EDIT, {R.POLICY_OWNER}),
        (C.KNOWLEDGE_READ, set(R)),
        (C.KNOWLEDGE_EDIT, {R.POLICY_OWNER, R.QA_LEAD}),
        (C.CHANGE_REVIEW, {R.SUPERVISOR, R.COMPLIANCE_OFFICER, R.POLICY_OWNER, R.QA_LEAD}),
        (C.CHANGE_PUBLISH, {R.COMPLIANCE_OFFICER, R.POLICY_OWNER}),
        (C.CHANGE_READ, set(R) - {R.AI_AGENT, R.HUMAN_AGENT}),
        (C.ACCESS_MANAGE, {R.ADMINISTRATOR}),
        (C.ACCESS_REVIEW, {R.COMPLIANCE_OFFICER}),
        (C.PACK_LOAD, {R.ADMINISTRATOR}),
        (C.STOP_USE, {R.SUPERVISOR, R.COMPLIANCE_OFFICER, R.ADMINISTRATOR}),
        (C.LEDGER_VERIFY, {R.COMPLIANCE_OFFICER, R.ADMINISTRATOR}),
        (
            C.LEDGER_READ,
            {R.SUPERVISOR, R.COMPLIANCE_OFFICER, R.QA_LEAD, R.ADMINISTRATOR},
        ),
        (C.ACCESS_READ, {R.SUPERVISOR, R.COMPLIANCE_OFFICER, R.ADMINISTRATOR}),
    ],
)
def test_who_carries_what_is_sensitive(capability: Capability, holders: set[Role]) -> None:
    assert {role for role in R if capability in rules.CAPABILITIES[role]} == holders


@pytest.mark.parametrize(
    ("roles", "grants", "capability", "queue", "expected"),
    [
        ([R.SUPERVISOR], {HERE: [G.VOTE]}, C.APPROVAL_VOTE, HERE, True),
        ([R.SUPERVISOR], {HERE: [G.VOTE]}, C.APPROVAL_VOTE, ELSEWHERE, False),
        ([R.SUPERVISOR], {HERE: [G.READ, G.WORK]}, C.APPROVAL_VOTE, HERE, False),
        ([R.SUPERVISOR], {}, C.APPROVAL_VOTE, None, False),
        ([R.HUMAN_AGENT], {HERE: [G.VOTE]}, C.APPROVAL_VOTE, HERE, False),
        ([], {HERE: list(G)}, C.CASE_READ, HERE, False),
        ([R.HUMAN_AGENT], {HERE: [G.WORK]}, C.CASE_READ, HERE, True),
        ([R.HUMAN_AGENT], {HERE: [G.READ]}, C.CASE_WORK, HERE, False),
        ([R.HUMAN_AGENT], {HERE: [G.WORK]}, C.CASE_OPEN, None, True),
        ([R.HUMAN_AGENT], {HERE: [G.READ]}, C.CASE_OPEN, None, False),
        ([R.COMPLIANCE_OFFICER], {}, C.CASE_READ, HERE, True),
        ([R.COMPLIANCE_OFFICER], {}, C.CASE_READ, None, True),
        ([R.COMPLIANCE_OFFICER], {}, C.CASE_WORK, HERE, False),
        ([R.COMPLIANCE_OFFICER], {}, C.APPROVAL_VOTE, HERE, False),
        ([R.QA_ANALYST], {}, C.APPROVAL_READ, HERE, True),
        ([R.QA_LEAD], {}, C.CASE_READ, ELSEWHERE, True),
        ([R.ADMINISTRATOR], {}, C.CASE_READ, ELSEWHERE, True),
        ([R.ADMINISTRATOR], {HERE: list(G)}, C.APPROVAL_VOTE, HERE, False),
        ([R.POLICY_OWNER], {}, C.POLICY_EDIT, None, True),
        ([R.POLICY_OWNER], {HERE: [G.READ]}, C.CASE_READ, HERE, False),
    ],
)
def test_a_person_needs_role_and_grant(
    roles: list[Role],
    grants: dict[int, list[QueueGrant]],
    capability: Capability,
    queue: int | None,
    *,
    expected: bool,
) -> None:
    assert rules.may(person_authority(*roles, grants=grants), capability, queue) is expected


@given(people, capabilities, places)
def test_a_disabled_person_may_nothing(
    authority: Authority, capability: Capability, queue: int | None
) -> None:
    disabled = Authority(
        actor=authority.actor,
        active=False,
        roles=authority.roles,
        queue_grants=authority.queue_grants,
    )
    assert rules.may(disabled, capability, queue) is False


@given(people, st.sampled_from(R), capabilities, places)
def test_a_further_role_takes_nothing_away(
    authority: Authority, role: Role, capability: Capability, queue: int | None
) -> None:
    more = person_authority(*authority.roles, role, grants=authority.queue_grants)
    assert rules.may(more, capability, queue) >= rules.may(authority, capability, queue)


@given(people, st.sampled_from(sorted(rules.QUEUE_BOUND)))
def test_the_queues_and_the_question_agree(authority: Authority, name: str) -> None:
    capability = Capability(name)
    queues = rules.queues_where(authority, capability)
    for queue in (HERE, ELSEWHERE):
        assert rules.may(authority, capability, queue) is (queues is None or queue in queues)
    assert rules.may(authority, capability) is (queues is None or bool(queues))


def test_only_a_person_votes() -> None:
    agent = Authority(
        actor=Actor(kind=ActorKind.AGENT, id="a", label="A", pk=1),
        active=True,
        roles=frozenset(R),
        queue_grants={HERE: frozenset(G)},
    )
    machine = Authority(actor=system("sweep"), active=True, roles=frozenset())
    for authority, queue in product((agent, machine), (None, HERE)):
        assert not rules.may(authority, C.APPROVAL_VOTE, queue)
        assert rules.queues_where(authority, C.APPROVAL_VOTE) == frozenset()


def test_the_system_may_everything_else() -> None:
    machine = Authority(actor=system("sweep"), active=True, roles=frozenset())
    for capability, queue in product(set(C) - rules.PEOPLE_ONLY, (None, HERE)):
        assert rules.may(machine, capability, queue)


def test_an_agent_works_its_queues_only() -> None:
    agent = agent_authority(queues=[HERE])
    assert rules.may(agent, C.TOOL_PROPOSE, HERE)
    assert rules.may(agent, C.CASE_READ, HERE)
    assert not rules.may(agent, C.TOOL_PROPOSE, ELSEWHERE)
    assert not rules.may(agent, C.CUSTOMER_VERIFY, HERE)
    assert not rules.may(agent, C.HANDOFF_ACCEPT, HERE)
    assert not rules.may(agent, C.ACCESS_MANAGE)


@pytest.mark.parametrize("kind", sorted(rules.BOUND_KINDS))
@pytest.mark.parametrize("capability", sorted(rules.DOCUMENT_BOUND))
def test_on_a_bound_document_the_role_holds_by_grant_only(kind: str, capability: C) -> None:
    held = person_authority(R.POLICY_OWNER)
    every = replace(held, every_kind=frozenset({kind}))
    none = replace(held, every_kind=frozenset())
    named = replace(none, documents={kind: frozenset({"returns"})})
    elsewhere = replace(none, documents={"scorecard": frozenset({"returns"})})
    answers = {
        name: [rules.may_on(each, capability, kind, key) for key in ("returns", "claims", "")]
        for name, each in {"every": every, "named": named, "no": none, "other": elsewhere}.items()
    }
    assert answers == {
        "every": [True, True, True],
        "named": [True, False, False],
        "no": [False, False, False],
        "other": [False, False, False],
    }
    # The grant says where, never what: without the role it is nothing.
    assert not rules.may_on(replace(every, roles=frozenset({R.HUMAN_AGENT})), capability, kind, "")
    assert not rules.may_on(replace(every, active=False), capability, kind, "returns")


def test_other_kinds_and_reading_are_not_bound() -> None:
    held = replace(person_authority(R.POLICY_OWNER), every_kind=frozenset())
    assert rules.may_on(held, C.TOOL_EDIT, "tool", "refund")
    assert rules.may_on(held, C.CHANGE_REVIEW, "scorecard", "chat")
    assert rules.may_on(held, C.POLICY_READ, "policy", "returns")
    machine = Authority(actor=system("reviews"), active=True, roles=frozenset())
    assert rules.may_on(machine, C.CHANGE_PUBLISH, "policy", "returns")
    assert not rules.may_on(machine, C.CHANGE_REVIEW, "policy", "returns")
