"""The ledger kinds that handoffs write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

HANDOFF_OFFERED = "handoff.offered"
HANDOFF_ACCEPTED = "handoff.accepted"
HANDOFF_RETURNED = "handoff.returned"
HANDOFF_COMPLETED = "handoff.completed"

KINDS = (
    EntryKind(HANDOFF_OFFERED, _("{actor} handed the case to {queue}: {reason}")),
    EntryKind(HANDOFF_ACCEPTED, _("{actor} took the case over")),
    EntryKind(HANDOFF_RETURNED, _("{actor} gave the case back: {reason}")),
    EntryKind(HANDOFF_COMPLETED, _("{actor} completed what the handoff asked for")),
)
