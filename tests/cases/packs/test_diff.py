"""What loading a pack would change."""

from typing import Any

import pytest

from cases.packs.diff import diff_items, different
from cases.packs.types import Change, ChangeKind, Item, ItemKind


@pytest.mark.parametrize(
    ("now", "wanted", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ["a.b[1]"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a"]),
        ({"a": 1}, {"b": 1}, ["b", "a"]),
        (1, "1", [""]),
    ],
)
def test_paths_name_what_differs(now: Any, wanted: Any, expected: list[str]) -> None:
    assert list(different(now=now, wanted=wanted)) == expected


def test_governed_items_in_force_are_reviewed_and_others_changed() -> None:
    wanted = tuple(
        Item(kind, "x", {"key": "x", "title": "new"})
        for kind in (ItemKind.QUEUE, ItemKind.POLICY, ItemKind.INTENT, ItemKind.TOOL)
    )
    present = {
        (ItemKind.QUEUE, "x"): {"key": "x", "title": "old"},
        (ItemKind.POLICY, "x"): {"key": "x", "title": "old"},
        (ItemKind.INTENT, "x"): {"key": "x", "title": "new"},
        (ItemKind.CUE_SHEET, "y"): {"key": "y"},
    }
    assert diff_items(wanted=wanted, present=present) == (
        Change(ItemKind.QUEUE, "x", ChangeKind.CHANGE, ("title",)),
        Change(ItemKind.POLICY, "x", ChangeKind.REVIEW, ("title",)),
        Change(ItemKind.INTENT, "x", ChangeKind.SAME),
        Change(ItemKind.TOOL, "x", ChangeKind.ADD),
    )
