"""A pack, what it would change, and what loading it did, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = Any


class ItemKind(StrEnum):
    """What a pack holds, in the order in which it is loaded."""

    QUEUE = "queue"
    CONNECTION = "connection"
    TOOL = "tool"
    POLICY = "policy"
    CUE_SHEET = "cue_sheet"
    INTENT = "intent"
    ARTICLE = "article"

    @property
    def is_governed(self) -> bool:
        """Whether a change of it needs a review once it is in force."""
        return self in {ItemKind.TOOL, ItemKind.POLICY, ItemKind.CUE_SHEET, ItemKind.ARTICLE}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a pack declares: its kind, its key and its document."""

    kind: ItemKind
    key: str
    document: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Pack:
    """A centre's set-up as files.

    Attributes:
        items: Everything declared, in the order of ``ItemKind`` and of the files.
    """

    name: str
    title: str
    version: int
    description: str
    items: tuple[Item, ...]

    def of(self, kind: ItemKind) -> tuple[Item, ...]:
        """Return the items of one kind."""
        return tuple(item for item in self.items if item.kind is kind)


class ChangeKind(StrEnum):
    """What loading does with one item."""

    SAME = "same"
    ADD = "add"
    CHANGE = "change"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Change:
    """What loading would do with one item.

    Attributes:
        fields: Paths of the values that differ, for a change or a review.
    """

    kind: ItemKind
    key: str
    change: ChangeKind
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What loading a pack did."""

    pack: str
    version: int
    changes: tuple[Change, ...]
    published: bool

    def count(self, change: ChangeKind) -> int:
        """Return how many items had this change."""
        return sum(one.change is change for one in self.changes)


@dataclass(frozen=True, slots=True)
class Known:
    """What exists outside of the pack that its documents may name.

    Attributes:
        roles: Roles that may own a step or give an approval.
        functions: Names of the registered fact, element, effect and before-and-after functions.
    """

    roles: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    facts: Mapping[str, Any] = field(default_factory=dict)
