"""The ledger kinds that legal holds write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

HOLD_ASKED = "legal_hold.asked"
HOLD_PLACED = "legal_hold.placed"
HOLD_WITHDRAWN = "legal_hold.withdrawn"
HOLD_LIFT_ASKED = "legal_hold.lift_asked"
HOLD_KEPT = "legal_hold.kept"
HOLD_LIFTED = "legal_hold.lifted"

KINDS = (
    EntryKind(HOLD_ASKED, _("{actor} placed a legal hold on {label} ({number}), to be confirmed")),
    EntryKind(HOLD_PLACED, _("{actor} confirmed the legal hold on {label} ({number})")),
    EntryKind(HOLD_WITHDRAWN, _("{actor} took back the legal hold on {label} ({number})")),
    EntryKind(HOLD_LIFT_ASKED, _("{actor} asked to lift the legal hold on {label} ({number})")),
    EntryKind(HOLD_KEPT, _("{actor} kept the legal hold on {label} ({number})")),
    EntryKind(HOLD_LIFTED, _("{actor} agreed, and the legal hold on {label} ended ({number})")),
)
