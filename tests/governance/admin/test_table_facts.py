"""Facts are documented from their one definition, and found by their words."""

from governance.admin.table_facts import describe_facts
from governance.policies.catalogue import known_facts


def test_facts_come_from_their_one_definition() -> None:
    facts = known_facts()
    assert [fact["name"] for fact in describe_facts(facts=facts)] == sorted(facts)
    (found,) = describe_facts(search="money moves", facts=facts)
    assert found["words"] == "amount"
    assert found["type"] == "amount of money"
    assert found["source"] == "the proposed call and its tool's declaration"
    for fact in describe_facts():
        assert fact["meaning"]
        assert fact["example"], fact["name"]
        assert fact["source"] != "not said", fact["name"]
