"""The ledger kinds of approvals."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

REQUESTED = "approval.requested"
OPENED = "approval.opened"
CLAIMED = "approval.claimed"
RELEASED = "approval.released"
VOTED = "approval.voted"
GRANTED = "approval.granted"
REJECTED = "approval.rejected"
EXPIRED = "approval.expired"
VOIDED = "approval.voided"
USED = "approval.used"

KINDS = (
    EntryKind(REQUESTED, _("{actor} asked for approval {approval}: {title}")),
    EntryKind(OPENED, _("{actor} opened approval {approval}")),
    EntryKind(CLAIMED, _("{actor} took approval {approval} until {until}")),
    EntryKind(RELEASED, _("{actor} gave approval {approval} back")),
    EntryKind(VOTED, _("{actor} voted to {choice} {approval}: {title}")),
    EntryKind(GRANTED, _("Approval {approval} was granted with {votes} of {votes_needed} votes")),
    EntryKind(REJECTED, _("Approval {approval} was rejected: {reason}")),
    EntryKind(EXPIRED, _("Approval {approval} expired: {reason}")),
    EntryKind(VOIDED, _("Approval {approval} was voided: {reason}")),
    EntryKind(USED, _("{actor} used approval {approval} to run what it allows")),
)
