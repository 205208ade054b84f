"""The ledger kinds of what the judged say, and of coaching."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

RAISED = "quality_dispute.raised"
PASSED_ON = "quality_dispute.passed_on"
HANDED = "quality_dispute.handed_over"
DECIDED = "quality_dispute.decided"
GIVEN = "coaching.given"
DONE = "coaching.done"

KINDS = (
    EntryKind(RAISED, _("{actor} disputed “{question}” in the review of {label}")),
    EntryKind(PASSED_ON, _("the dispute on {label} was not decided in time; {lead} is asked")),
    EntryKind(HANDED, _("{actor} gave the dispute on {label} to {lead}: {reason}")),
    EntryKind(DECIDED, _("{actor} decided the dispute on {label}: {verdict} ({reason})")),
    EntryKind(GIVEN, _("{actor} gave {person} something to learn from the review of {label}")),
    EntryKind(DONE, _("{actor} finished what was to be learnt from the review of {label}")),
)
