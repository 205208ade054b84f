from governance.policies import sentences
from governance.policies.models import Policy, PolicyVersion
from governance.policies.types import (
    Condition,
    Limit,
    Obligations,
    Operator,
    Outcome,
    PolicyTable,
    Rule,
    Scope,
)
from orchestra.core.history import acting
from tests.factories.access import FACTORY
from tests.flows.conftest import World
from tests.governance.admin.conftest import Browser


def test_a_policy_reads_as_sentences(retail: World, browser: Browser) -> None:
    del retail
    client = browser("policy")
    assert "Returns" in client.get("/admin/policies/").content.decode()
    text = client.get("/admin/policies/retail_returns/").content.decode()
    for part in (
        "version 1 in force since",
        "order status is not",
        '<span class="v">delivered</span>',
        '<span class="v">$500.00</span>',
        "1 vote · supervisor",
        "total for one customer in 30 days is more than",
        "When no row above fires",
        "Customer verified, and a limit row in scope.",
    ):
        assert part in text, part
    assert client.get("/admin/policies/none/").status_code == 404
    assert client.get("/admin/policies/retail_returns/?version=7").status_code == 404


def test_an_earlier_version_says_that_it_is_not_in_force(retail: World, browser: Browser) -> None:
    del retail
    policy = Policy.objects.get(key="retail_returns")
    PolicyVersion.objects.filter(policy=policy).update(
        state="retired", retired_at="2026-11-20T00:00Z"
    )
    client = browser("policy")
    text = client.get("/admin/policies/retail_returns/?version=1").content.decode()
    assert "This is version 1 as it was." in text
    listed = client.get("/admin/policies/").content.decode()
    assert "no version in force: every tool in this scope is denied" in listed


def test_a_policy_without_a_version_denies_and_says_so(retail: World, browser: Browser) -> None:
    del retail
    with acting(FACTORY):
        PolicyVersion.objects.filter(policy__key="retail_returns").delete()
    text = browser("policy").get("/admin/policies/retail_returns/").content.decode()
    assert "No version is in force." in text


def test_every_operator_and_duty_has_words() -> None:
    table = PolicyTable(
        key="all",
        title="All",
        version=1,
        digest="",
        scope=Scope(),
        thresholds={"USD": 50000},
        rules=(
            Rule(
                id="all",
                title="All",
                when=tuple(Condition("amount_minor", operator, 100) for operator in Operator),
                outcome=Outcome.APPROVE,
                reason="",
                obligations=Obligations(
                    votes=2,
                    roles=("supervisor", "specialist"),
                    distinct_roles=True,
                    step_up=True,
                    verification="basic",
                    deadline_minutes=30,
                ),
            ),
        ),
        limits=(
            Limit(
                key="calls",
                title="Calls",
                measure="count",
                per="agent",
                window_hours=5,
                at_most=3,
                outcome=Outcome.DENY,
                reason="",
            ),
        ),
    )
    (rule,) = sentences.describe_rules(table)
    assert {phrase.value for phrase in rule.phrases} == {"$1.00"}
    assert all(phrase.operator for phrase in rule.phrases)
    assert rule.duties == (
        "2 votes · supervisor or specialist · each from another role · password again · "
        "customer verified basic · within 30 min"
    )
    (limit,) = sentences.describe_limits(table)
    assert limit.phrases[0].fact == "total for one agent in 5 hours"
    assert limit.phrases[0].value == "3 calls"
    assert sentences.describe_scope(()) == "every one"
    assert sentences.value_words("flags", ["asked_for_human", True], "") == "asked for human or yes"
