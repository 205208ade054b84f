"""The kinds of entries that the room writes; the apps register them at start-up."""

from cases.handoff import entries
from cases.memory import entries as memory
from governance.ledger.registry import register_kinds

register_kinds(*memory.KINDS, *entries.KINDS)
