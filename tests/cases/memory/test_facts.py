"""What stands of what was stated, and how far it is trusted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.memory.facts import (
    FactDraft,
    FactSource,
    StatedFact,
    fact_errors,
    shows,
    standing,
    trust_of_source,
)
from cases.memory.types import Trust

AT = datetime(2026, 11, 19, tzinfo=UTC)


def stated(value: str, trust: Trust = Trust.CLAIMED, name: str = "order_id") -> StatedFact:
    return StatedFact(name, value, trust, FactSource.MESSAGE, "m", "Lena", AT)


def test_the_newest_claim_stands_while_nothing_is_confirmed() -> None:
    (found,) = standing([stated("#W1"), stated("#W2")])
    assert (found.stands.value, found.doubted_by, found.earlier) == ("#W2", None, 1)


def test_a_later_claim_stands_beside_what_is_confirmed_never_in_its_place() -> None:
    facts = [stated("#W1"), stated("#W2", Trust.TOOL_CONFIRMED), stated("#W9")]
    (found,) = standing(facts)
    assert found.stands.value == "#W2"
    assert found.doubted_by is not None
    assert (found.doubted_by.value, found.earlier) == ("#W9", 1)


def test_saying_the_same_again_is_no_doubt() -> None:
    (found,) = standing([stated("#W2", Trust.HUMAN_CONFIRMED), stated("#W2")])
    assert (found.doubted_by, found.earlier) == (None, 1)


def test_names_keep_the_order_they_came_up_in() -> None:
    facts = [stated("a", name="one"), stated("b", name="two"), stated("c", name="one")]
    assert [found.stands.name for found in standing(facts)] == ["one", "two"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(list(Trust))), min_size=1))
def test_a_claim_never_stands_once_something_is_confirmed(said: list[tuple[str, Trust]]) -> None:
    (found,) = standing([stated(value, trust) for value, trust in said])
    confirmed = any(trust is not Trust.CLAIMED for _value, trust in said)
    assert (found.stands.trust is not Trust.CLAIMED) == confirmed
    assert found.earlier + 1 + (found.doubted_by is not None) == len(said)


@pytest.mark.parametrize(
    ("source", "is_human", "trust"),
    [
        (FactSource.MESSAGE, True, Trust.CLAIMED),
        (FactSource.MESSAGE, False, Trust.CLAIMED),
        (FactSource.TOOL_CALL, False, Trust.TOOL_CONFIRMED),
        (FactSource.TOOL_CALL, True, Trust.TOOL_CONFIRMED),
        (FactSource.EVIDENCE, False, Trust.CLAIMED),
        (FactSource.EVIDENCE, True, Trust.HUMAN_CONFIRMED),
        (FactSource.PERSON, True, Trust.HUMAN_CONFIRMED),
        (FactSource.PERSON, False, Trust.CLAIMED),
    ],
)
def test_trust_follows_the_source(source: FactSource, is_human: bool, trust: Trust) -> None:
    assert trust_of_source(source_kind=source, is_human=is_human) is trust


@pytest.mark.parametrize(
    ("answer", "value", "found"),
    [
        ({"order": {"id": "#W1"}}, "#w1 ", True),
        ([{"total": 12.5}], "12.5", True),
        ({"id": "#W12"}, "#W1", False),
        ({"ok": True}, "True", False),
        ({"id": None}, "None", False),
        ({}, "", False),
    ],
)
def test_an_answer_shows_only_what_it_holds(answer: object, value: str, found: bool) -> None:
    assert shows(answer, value) is found


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        (FactDraft("order_id", "#W1", FactSource.PERSON), []),
        (FactDraft("Order", "#W1", FactSource.PERSON), ["name"]),
        (FactDraft("order_id", " ", FactSource.PERSON), ["value"]),
        (FactDraft("order_id", "a" * 501, FactSource.PERSON), ["value"]),
        (FactDraft("order_id", "#W1", FactSource.MESSAGE), ["source"]),
        (FactDraft("order_id", "#W1", FactSource.PERSON, "m"), ["source"]),
    ],
    ids=["good", "name", "blank", "long", "no-source", "two-sources"],
)
def test_everything_wrong_with_a_fact_is_named(draft: FactDraft, fields: list[str]) -> None:
    assert [found.field for found in fact_errors(draft)] == fields


def test_times_do_not_decide() -> None:
    late = StatedFact("order_id", "#W1", Trust.CLAIMED, FactSource.MESSAGE, "m", "L", AT)
    early = StatedFact(
        "order_id", "#W2", Trust.CLAIMED, FactSource.MESSAGE, "m", "L", AT - timedelta(days=1)
    )
    assert standing([late, early])[0].stands.value == "#W2"
