"""The ledger kinds that stops write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

STOPPED = "stop.begun"
LIFT_ASKED = "stop.lift_asked"
KEPT = "stop.kept"
LIFTED = "stop.lifted"
DRILLED = "stop.drilled"

KINDS = (
    EntryKind(STOPPED, _("{actor} stopped {label} ({number}): {reason}")),
    EntryKind(LIFT_ASKED, _("{actor} asked to lift the stop of {label} ({number}): {reason}")),
    EntryKind(KEPT, _("{actor} kept the stop of {label} ({number})")),
    EntryKind(LIFTED, _("{actor} lifted the stop of {label} ({number}): {reason}")),
    EntryKind(DRILLED, _("A drill stopped {label}; new work ended after {seconds} s ({number})")),
)
