"""Rows stand under the headings a reader expects, in their order, and none is lost."""

import pytest

from governance.admin.policy_groups import (
    AMOUNTS,
    OTHER,
    PAYMENT,
    STATE,
    TRUST,
    WHO,
    group_of,
    group_rows,
)
from governance.policies.types import Outcome
from tests.factories.policies import make_rule


@pytest.mark.parametrize(
    ("facts", "group"),
    [
        (["verification"], WHO),
        (["own_order"], WHO),
        (["order_status"], STATE),
        (["had_item_change", "tool"], STATE),
        (["own_payment_method"], PAYMENT),
        (["refund_route"], PAYMENT),
        (["amount_minor", "verification"], AMOUNTS),
        (["currency"], AMOUNTS),
        (["confidence"], TRUST),
        (["risk_flags", "order_status"], TRUST),
        (["tool", "channel"], OTHER),
        ([], OTHER),
    ],
)
def test_the_facts_of_a_row_decide(facts: list[str], group: int) -> None:
    when = [(fact, "is", "x") for fact in facts]
    assert group_of(make_rule("row", Outcome.DENY, *when)) == group


def test_rows_keep_their_order_under_each_heading() -> None:
    named = [("a", "amount_minor"), ("b", "verification"), ("c", "amount_minor")]
    rules = [make_rule(name, Outcome.DENY, (fact, "is", 1)) for name, fact in named]
    groups = group_rows(rules, [{"id": rule.id} for rule in rules])
    assert [[row["id"] for row in rows] for _heading, rows in groups] == [["b"], ["a", "c"]]
