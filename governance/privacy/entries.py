"""The ledger kinds that legal holds and erasures write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

HOLD_ASKED = "legal_hold.asked"
HOLD_PLACED = "legal_hold.placed"
HOLD_WITHDRAWN = "legal_hold.withdrawn"
HOLD_LIFT_ASKED = "legal_hold.lift_asked"
HOLD_KEPT = "legal_hold.kept"
HOLD_LIFTED = "legal_hold.lifted"
HOLD_EXPIRED = "legal_hold.expired"
ERASURE_ASKED = "erasure.asked"
ERASURE_CONFIRMED = "erasure.confirmed"
ERASURE_WITHDRAWN = "erasure.withdrawn"
ERASURE_STOPPED = "erasure.stopped"
ERASURE_EXPIRED = "erasure.expired"
ERASURE_DONE = "erasure.done"

KINDS = (
    EntryKind(HOLD_ASKED, _("{actor} placed a legal hold on {label} ({number}), to be confirmed")),
    EntryKind(HOLD_PLACED, _("{actor} confirmed the legal hold on {label} ({number})")),
    EntryKind(HOLD_WITHDRAWN, _("{actor} took back the legal hold on {label} ({number})")),
    EntryKind(HOLD_LIFT_ASKED, _("{actor} asked to lift the legal hold on {label} ({number})")),
    EntryKind(HOLD_KEPT, _("{actor} kept the legal hold on {label} ({number})")),
    EntryKind(HOLD_LIFTED, _("{actor} agreed, and the legal hold on {label} ended ({number})")),
    EntryKind(HOLD_EXPIRED, _("Nobody confirmed the legal hold on {label} ({number}); it ended")),
    EntryKind(ERASURE_ASKED, _("{actor} asked to erase the personal data of {label} ({number})")),
    EntryKind(ERASURE_CONFIRMED, _("{actor} confirmed the erasure of {label} ({number})")),
    EntryKind(ERASURE_WITHDRAWN, _("{actor} took back the erasure of {label} ({number})")),
    EntryKind(ERASURE_STOPPED, _("The erasure of {label} was stopped ({number})")),
    EntryKind(ERASURE_EXPIRED, _("Nobody confirmed the erasure of {label} ({number}); it ended")),
    EntryKind(ERASURE_DONE, _("The personal data of {label} was erased ({number})")),
)
