"""Paths into arguments, answers and elements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.tools import paths

ROOT = {"order_id": "#W1", "items": [{"price": 3}, {"price": 4}], "deep": {"x-y": None}}
READS = {"order": {"user_id": "u1", "lines": [[1, 2]]}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", ROOT),
        ("$.order_id", "#W1"),
        ("$.items[1].price", 4),
        ("$.deep.x-y", None),
        ("$order", READS["order"]),
        ("$order.user_id", "u1"),
        ("$order.lines[0][1]", 2),
        ("$each", "element"),
        ("$.missing", paths.MISSING),
        ("$.order_id.further", paths.MISSING),
        ("$.items[2]", paths.MISSING),
        ("$.items.price", paths.MISSING),
        ("$unread.user_id", paths.MISSING),
    ],
)
def test_resolves(path: str, value: object) -> None:
    assert paths.resolve(path, root=ROOT, reads=READS, each="element") == value


def test_an_element_that_is_not_there_is_missing() -> None:
    assert paths.resolve("$each.id", root={}, reads={}) is paths.MISSING


def test_a_path_into_an_answer_that_is_no_object() -> None:
    assert paths.resolve("$", root="sara_doe_496", reads={}) == "sara_doe_496"


@pytest.mark.parametrize("text", ["", "order_id", "$.", "$..a", "$ a", "$.a b", "$.a[-1]", "$A.b"])
def test_what_is_no_path_is_refused(text: str) -> None:
    assert not paths.is_well_formed(text)
    with pytest.raises(ValueError, match="is no path"):
        paths.resolve(text, root={}, reads={})


def test_fills_a_template_and_leaves_literals() -> None:
    template = {"id": "$.order_id", "who": ["$order.user_id", "literal"], "n": 3}

    filled = paths.fill(template, root=ROOT, reads=READS)

    assert filled == {"id": "#W1", "who": ["u1", "literal"], "n": 3}


@pytest.mark.parametrize("template", ["$.no", {"a": "$.no"}, ["$.no"], {"a": [{"b": "$no.x"}]}])
def test_a_template_with_a_path_that_leads_nowhere_is_missing(template: object) -> None:
    assert paths.fill(template, root=ROOT, reads=READS) is paths.MISSING


@given(st.text(max_size=30))
def test_any_text_resolves_or_is_refused(text: str) -> None:
    if paths.is_well_formed(text):
        paths.resolve(text, root=ROOT, reads=READS)
    else:
        with pytest.raises(ValueError, match="is no path"):
            paths.resolve(text, root=ROOT, reads=READS)
