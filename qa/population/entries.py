"""The ledger kinds of what can be sampled."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

LEFT_OUT = "population.left_out"
TAKEN_BACK = "population.taken_back"
UNREADABLE = "population.unreadable"

KINDS = (
    EntryKind(LEFT_OUT, _("{actor} flagged {label} as {flag}, to be left out: {reason}")),
    EntryKind(TAKEN_BACK, _("{actor} took the flag of {label} back: {reason}")),
    EntryKind(UNREADABLE, _("What was worked in {case} could not be counted: {code}")),
)
