"""The index of the rows fires exactly what asking one row after the other fires."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.compiled import CompiledScope
from governance.policies.conditions import FactTypeError
from governance.policies.decision import decide, fired_plainly
from governance.policies.seen import merge
from governance.policies.types import ActionScope, FactSet, Outcome, Rule
from tests.factories.policies import compiled, make_facts, make_limit, make_rule, make_table

CUTS = [-3, 0, 0.5, 1, 1.5, 2, 2**53]
TEXTS = ["a", "b", "c", "x", "xx"]
CONDITIONS = st.one_of(
    st.tuples(st.just("text"), st.sampled_from(["is", "is_not"]), st.sampled_from(TEXTS)),
    st.tuples(
        st.just("text"),
        st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from(TEXTS), min_size=1).map(tuple),
    ),
    st.tuples(st.just("flag"), st.sampled_from(["is", "is_not"]), st.booleans()),
    st.tuples(
        st.sampled_from(["number", "other"]),
        st.sampled_from(["is", "is_not", "below", "at_most", "above", "at_least"]),
        st.sampled_from(CUTS),
    ),
    st.tuples(
        st.just("number"),
        st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from([0, 1, 2]), min_size=1).map(tuple),
    ),
    st.tuples(st.just("list"), st.sampled_from(["contains", "lacks"]), st.sampled_from(TEXTS)),
)
MIXED = st.one_of(
    CONDITIONS,
    st.tuples(st.just("text"), st.just("above"), st.just(1)),
    st.tuples(st.just("flag"), st.just("is"), st.just("a")),
    st.tuples(st.just("list"), st.just("is"), st.just("a")),
)
TYPED = {
    "text": st.sampled_from([*TEXTS, "", "xxx", None]),
    "flag": st.sampled_from([True, False, None]),
    "number": st.sampled_from([*CUTS, -4, 1.2, 3, 1e300, None]),
    "other": st.one_of(st.integers(), st.floats(allow_nan=False)),
    "list": st.lists(st.sampled_from([*TEXTS, "z"])),
    "limit:per_day": st.integers(0, 5),
}
JUNK = st.one_of(
    st.sampled_from(["a", 1, 0.5, True, float("nan"), ["a"], ["a", ["b"]], ("b",), {"a": 1}]),
    st.integers(),
)


def rows(conditions: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Rule]]:
    return st.lists(st.lists(conditions, max_size=4), max_size=6).map(
        lambda listed: [make_rule(f"r{n}", Outcome.DENY, *when) for n, when in enumerate(listed)]
    )


def facts_of(values: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[FactSet]:
    return st.builds(
        FactSet,
        values=st.fixed_dictionaries({}, optional=values),
        unknown=st.frozensets(st.sampled_from(sorted(values)), max_size=2),
    )


def scope_of_rows(listed: list[Rule]) -> CompiledScope:
    return compiled(make_table(rules=listed, limits=(make_limit(),))).in_scope(
        ActionScope("refund")
    )


@given(rows(CONDITIONS), facts_of(TYPED))
def test_for_facts_of_the_right_type_it_always_tells(listed: list[Rule], facts: FactSet) -> None:
    scope, seen = scope_of_rows(listed), merge(facts)
    assert scope.index.fired(seen) == fired_plainly(scope, seen)


@given(rows(MIXED), facts_of({name: st.one_of(JUNK, known) for name, known in TYPED.items()}))
def test_for_any_facts_it_tells_the_same_or_nothing(listed: list[Rule], facts: FactSet) -> None:
    scope, seen = scope_of_rows(listed), merge(facts)
    fired = scope.index.fired(seen)
    if fired is not None:
        assert fired == fired_plainly(scope, seen)


@pytest.mark.parametrize("value", ["4", True, float("nan"), [4]])
def test_what_rows_cannot_compare_is_left_to_the_rows(value: Any) -> None:
    scope = scope_of_rows([make_rule("row", Outcome.DENY, ("amount_minor", "above", 4))])
    assert scope.index.fired({"amount_minor": value}) is None


def test_a_row_that_another_condition_silences_does_not_mind_a_wrong_type() -> None:
    row = make_rule("row", Outcome.DENY, ("queue", "is", "billing"), ("amount_minor", "above", 4))
    facts = make_facts(risk="low", amount_minor="a lot")
    assert decide(facts=facts, policies=compiled(make_table(rules=[row]))).outcome == "allow"
    scope = scope_of_rows([row])
    with pytest.raises(FactTypeError, match="amount_minor: str where a number was expected"):
        fired_plainly(scope, {"queue": "billing", "amount_minor": "a lot"})


def test_many_different_answers_are_remembered_within_a_bound() -> None:
    listed = [make_rule(f"r{n}", Outcome.DENY, (f"fact_{n}", "is", True)) for n in range(13)]
    policies = compiled(make_table(rules=listed))
    for number in range(2**13):
        given_facts = {f"fact_{n}": bool(number >> n & 1) for n in range(13)}
        decide(facts=make_facts(risk="low", **given_facts), policies=policies)
    scope = policies.in_scope(ActionScope("refund", "return_items", "returns"))
    assert len(scope.answers) <= 4096
    assert len(scope.verdicts) <= 4096
