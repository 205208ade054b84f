"""The ledger kinds of approvals."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

REQUESTED = "approval.requested"
OPENED = "approval.opened"
EVIDENCE_SEEN = "approval.evidence_seen"
CLAIMED = "approval.claimed"
RELEASED = "approval.released"
CLAIM_ENDED = "approval.claim_ended"
HANDED_OVER = "approval.handed_over"
TAKEN_BACK = "approval.taken_back"
REMINDED = "approval.reminded"
ESCALATED = "approval.escalated"
VOTED = "approval.voted"
GRANTED = "approval.granted"
REJECTED = "approval.rejected"
EXPIRED = "approval.expired"
VOIDED = "approval.voided"
USED = "approval.used"
VOTE_DISCOUNTED = "approval.vote_discounted"
VIGILANCE_ASKED = "vigilance.asked"
VIGILANCE_SWITCHED_ON = "vigilance.switched_on"
VIGILANCE_SWITCHED_OFF = "vigilance.switched_off"
VIGILANCE_PLANTED = "vigilance.planted"
VIGILANCE_JUDGED = "vigilance.judged"

KINDS = (
    EntryKind(REQUESTED, _("{actor} asked for approval {approval}: {title}")),
    EntryKind(OPENED, _("{actor} opened approval {approval}")),
    EntryKind(EVIDENCE_SEEN, _("{actor} had all evidence of {approval} on screen")),
    EntryKind(CLAIMED, _("{actor} took approval {approval} until {until}")),
    EntryKind(RELEASED, _("{actor} gave approval {approval} back")),
    EntryKind(CLAIM_ENDED, _("The claim of {holder} on approval {approval} ended: {reason}")),
    EntryKind(HANDED_OVER, _("{actor} handed approval {approval} to {to} until {until}: {reason}")),
    EntryKind(TAKEN_BACK, _("Approval {approval} is no longer handed to {to}: {reason}")),
    EntryKind(REMINDED, _("Approval {approval} still waits, until {deadline_at}: {title}")),
    EntryKind(ESCALATED, _("Approval {approval} went to the next role: {reason}")),
    EntryKind(VOTED, _("{actor} voted to {choice} {approval}: {title}")),
    EntryKind(GRANTED, _("Approval {approval} was granted with {votes} of {votes_needed} votes")),
    EntryKind(REJECTED, _("Approval {approval} was rejected: {reason}")),
    EntryKind(EXPIRED, _("Approval {approval} expired: {reason}")),
    EntryKind(VOIDED, _("Approval {approval} was voided: {reason}")),
    EntryKind(VOTE_DISCOUNTED, _("The vote of {voter} on {approval} no longer counts: {reason}")),
    EntryKind(USED, _("{actor} used approval {approval} to run what it allows")),
    EntryKind(
        VIGILANCE_ASKED,
        _("{actor} asked for tests of attention in {queue}, {per_thousand} of 1000: {reason}"),
    ),
    EntryKind(VIGILANCE_SWITCHED_ON, _("{actor} agreed to tests of attention in {queue}")),
    EntryKind(VIGILANCE_SWITCHED_OFF, _("{actor} switched tests of attention off in {queue}")),
    EntryKind(VIGILANCE_PLANTED, _("A test of attention was sealed for {queue}")),
    EntryKind(VIGILANCE_JUDGED, _("{approval} was a test of attention, {result}: {sign}")),
)
