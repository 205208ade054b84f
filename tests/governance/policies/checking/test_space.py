"""Cells, boxes, and the search for what no box covers, held to plain enumeration."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.policies.catalogue import OWN_FACTS, FactSpec, FactType
from governance.policies.checking.space import MAX_LISTED, Space, TooLargeError, kind_of
from governance.policies.seen import ABSENT, UNKNOWN
from governance.policies.types import Condition, Operator
from tests.factories.fact_space import CONDITIONS

SPECS = {spec.name: spec for spec in OWN_FACTS}


def condition(fact: str, operator: str, value: Any) -> Condition:
    return Condition(fact, Operator(operator), value)


LISTED = [condition(*parts) for parts in CONDITIONS]
boxes = st.lists(st.sampled_from(LISTED), max_size=4)


def cells_of(space: Space, fact: str) -> list[tuple[Any, str | None]]:
    return [(cell.value, cell.words(str)) for cell in space.axes[fact].cells]


def test_numbers_are_cut_where_conditions_cut_them() -> None:
    cut = [condition("amount_minor", "above", 5), condition("amount_minor", "below", 7)]
    assert cells_of(Space(cut, SPECS), "amount_minor") == [
        (4, "is below 5"),
        (5, "is 5"),
        (6, "is above 5 and below 7"),
        (7, "is 7"),
        (8, "is above 7"),
        (UNKNOWN, "is not known"),
        (ABSENT, "does not apply"),
    ]


def test_between_neighbouring_whole_numbers_there_is_nothing_but_between_others_there_is() -> None:
    cut = [condition("x", "above", 5), condition("x", "below", 6)]
    whole = Space(cut, {"x": FactSpec("x", FactType.WHOLE, "", "")})
    assert [value for value, _words in cells_of(whole, "x")[:4]] == [4, 5, 6, 7]
    assert [value for value, _words in cells_of(Space(cut, {}), "x")[:5]] == [4, 5, 5.5, 6, 7]


def test_texts_are_those_named_the_other_choices_and_any_other() -> None:
    space = Space([condition("verification", "is", "basic")], SPECS)
    found = cells_of(space, "verification")
    assert found[:2] == [("basic", "is basic"), ("none", "is one of none, claimed, strong")]
    assert found[2][1] == "is none of basic"
    axis = space.axes["verification"]
    assert [cell.is_usual for cell in axis.cells] == [True, True, False, True, True]


def test_a_place_is_never_unknown_and_a_tool_always_there() -> None:
    space = Space([condition("tool", "is", "refund")], SPECS)
    assert len(space.axes["tool"].cells) == 2
    assert [words for _value, words in cells_of(space, "queue")] == [None, "does not apply"]


def test_a_list_holds_any_of_the_named_texts() -> None:
    space = Space([condition("risk_flags", "contains", v) for v in ("a", "b")], SPECS)
    assert [value for value, _words in cells_of(space, "risk_flags")[:4]] == [
        [],
        ["a"],
        ["b"],
        ["a", "b"],
    ]


def test_too_many_texts_of_a_list_are_too_many() -> None:
    named = [condition("risk_flags", "contains", str(n)) for n in range(MAX_LISTED + 1)]
    with pytest.raises(TooLargeError):
        Space(named, SPECS)


def test_one_fact_is_compared_with_one_kind_of_value() -> None:
    with pytest.raises(ValueError, match="different kinds"):
        Space([condition("x", "is", "a"), condition("x", "above", 1)], {})
    assert kind_of(condition("x", "contains", "a")) == "list"


def points(space: Space) -> list[dict[str, int]]:
    facts = [fact for fact, axis in space.axes.items() if len(axis.cells) > 2]
    parts = [[1 << place for place in range(len(space.axes[fact].cells))] for fact in facts]
    return [dict(zip(facts, cells, strict=True)) for cells in product(*parts)]


@given(boxes, st.lists(boxes, max_size=6))
def test_it_finds_a_part_outside_exactly_where_there_is_one(
    inside: list[Condition], others: list[list[Condition]]
) -> None:
    space = Space(LISTED, SPECS)
    box, covers = space.box(inside), [space.box(other) for other in others]
    outside = [
        point
        for point in points(space)
        if space.is_inside(point, box) and not any(space.is_inside(point, c) for c in covers)
    ]
    found = space.find_outside(box, covers)
    assert (found is None) is (not outside)
    if found is not None:
        assert all(found.values())
        assert space.is_inside(found, box)
        assert all(space.meet(found, cover) is None for cover in covers)


def test_a_search_is_given_up_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.policies.checking.space.MAX_STEPS", 3)
    space = Space(LISTED, SPECS)
    covers = [space.box([one, other]) for one, other in zip(LISTED, LISTED[4:], strict=False)]
    with pytest.raises(TooLargeError):
        space.find_outside({}, covers)


def test_words_and_values_of_a_box_prefer_what_is_known() -> None:
    space = Space(LISTED, SPECS, currency="USD")
    box = space.box([condition("amount_minor", "above", 5)])
    assert space.words(box) == "amount is above $0.05 and below $0.10"
    assert space.point(box) == {"amount_minor": 6}
    assert space.words({}) == "any facts"
