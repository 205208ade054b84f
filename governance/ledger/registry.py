"""Which kinds of entry may be written, and how each reads in words."""

from governance.ledger import entries
from governance.ledger.types import EntryKind
from orchestra.core.registry import Registry

__all__ = ["EntryKind", "kinds", "register_kinds"]

#: Every kind that may be appended; the rooms add theirs at start-up.
kinds: Registry[EntryKind] = Registry("ledger kind")


def register_kinds(*items: EntryKind) -> None:
    """Let entries of these kinds be appended; the same kind again is harmless.

    Raises:
        ValueError: Another kind already has this code.
    """
    for item in items:
        kinds.register(item.code, item)


register_kinds(*entries.KINDS)
