"""The ledger kinds that handoffs write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

HANDOFF_OFFERED = "handoff.offered"
HANDOFF_ACCEPTED = "handoff.accepted"
HANDOFF_RETURNED = "handoff.returned"
HANDOFF_COMPLETED = "handoff.completed"
HANDOFF_REFUSED = "handoff.refused"
HANDOFF_TIMED_OUT = "handoff.timed_out"
HANDOFF_JUDGED = "handoff.judged"
REFERRED_OUTSIDE = "handoff.referred_outside"
CONSULTED = "handoff.consulted"
CONSULT_ANSWERED = "handoff.consult_answered"

KINDS = (
    EntryKind(HANDOFF_OFFERED, _("{actor} handed the case to {queue}: {reason}")),
    EntryKind(HANDOFF_ACCEPTED, _("{actor} took the case over")),
    EntryKind(HANDOFF_RETURNED, _("{actor} gave the case back: {reason}")),
    EntryKind(HANDOFF_REFUSED, _("{actor} did not take the case: {reason}")),
    EntryKind(HANDOFF_TIMED_OUT, _("nobody took the case in time; {asked} is asked next")),
    EntryKind(HANDOFF_JUDGED, _("{actor} said of the bundle: {verdict}")),
    EntryKind(HANDOFF_COMPLETED, _("{actor} completed what the handoff asked for")),
    EntryKind(CONSULTED, _("{actor} asked {who} and kept the case: {question}")),
    EntryKind(CONSULT_ANSWERED, _("{actor} answered {asked_by}: {answer}")),
    EntryKind(
        REFERRED_OUTSIDE,
        _("{actor} referred the matter to {to}, outside: {reason}. The customer was told: {told}"),
    ),
)
