"""The kinds of entries that the room writes; the apps register them at start-up."""

from cases.memory import entries
from governance.ledger.registry import register_kinds

register_kinds(*entries.KINDS)
