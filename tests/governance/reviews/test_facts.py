"""The values in which two documents differ."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.reviews.facts import Fact, list_facts
from governance.reviews.types import Sign
from tests.factories.reviews import make_text


def test_items_of_a_list_are_found_by_their_name_wherever_they_stand() -> None:
    before, after = make_text("a", "b"), make_text("b", "a", "c")
    after["rules"][0]["when"][0]["below"] = 0.6
    found = list_facts(before, after)
    assert found[0] == Fact(
        Sign.CHANGED, ("rules", "b", "when", "confidence", "below"), before=0.7, after=0.6
    )
    assert {fact.path[:2] for fact in found[1:]} == {("rules", "c")}
    assert {fact.sign for fact in found[1:]} == {Sign.ADDED}


@pytest.mark.parametrize(
    ("before", "after", "facts"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": True}, [Fact(Sign.CHANGED, ("a",), before=1, after=True)]),
        ({"a": 1}, {}, [Fact(Sign.REMOVED, ("a",), 1)]),
        (
            {"a": ["x", "y"]},
            {"a": ["y", "x"]},
            [Fact(Sign.CHANGED, ("a",), ["x", "y"], ["y", "x"])],
        ),
        (
            {"a": {}},
            {"a": {"b": 1}},
            [Fact(Sign.ADDED, ("a", "b"), None, 1), Fact(Sign.REMOVED, ("a",), {})],
        ),
        # Two items of one name are told apart by their number.
        (
            {"a": [{"id": "x", "v": 1}, {"id": "x", "v": 2}]},
            {"a": [{"id": "x", "v": 1}, {"id": "x", "v": 3}]},
            [Fact(Sign.CHANGED, ("a", "2", "v"), 2, 3)],
        ),
        (
            {"a": [{"id": 1}, [2]]},
            {"a": [{"id": 2}, [2]]},
            [Fact(Sign.CHANGED, ("a", "1", "id"), 1, 2)],
        ),
    ],
)
def test_what_differs(before: dict[str, Any], after: dict[str, Any], facts: list[Fact]) -> None:
    assert list(list_facts(before, after)) == facts


def test_against_nothing_all_of_it_is_added() -> None:
    found = list_facts(None, make_text())
    assert {fact.sign for fact in found} == {Sign.ADDED}
    assert found[0].path == ("key",)


scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "a", "b"]))
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["id", "x", "y"]), inner, max_size=3),
    ),
    max_leaves=8,
).map(lambda value: {"top": value})


@given(documents, documents)
def test_two_documents_without_a_difference_are_the_same(one: Any, other: Any) -> None:
    facts = list_facts(one, other)
    assert list_facts(one, one) == ()
    if not facts:
        # A difference that no fact names would be a change that nobody reads. The order of
        # named items is told in words, as rows that moved.
        assert _sorted(one) == _sorted(other)


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return ("map", sorted((key, repr(_sorted(item))) for key, item in value.items()))
    if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        return ("list", sorted(repr(_sorted(item)) for item in value))
    return (type(value).__name__, repr(value))
