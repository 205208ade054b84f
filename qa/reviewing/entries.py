"""The ledger kinds of reviews by people."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

ASSIGNED = "quality_review.assigned"
ASKED = "quality_review.asked"
GIVEN = "quality_review.given"
TAKEN = "quality_review.taken"
SUBMITTED = "quality_review.submitted"
SKIPPED = "quality_review.skipped"
STOP_ASKED = "quality_review.stop_asked"
RELEASED = "quality_review.released"
ACKNOWLEDGED = "quality_review.acknowledged"

KINDS = (
    EntryKind(
        ASSIGNED, _("{actor} gave out {count} reviews of what was drawn; {unassigned} have nobody")
    ),
    EntryKind(ASKED, _("{actor} asked for a review of {label}: {reason}")),
    EntryKind(GIVEN, _("{actor} gave the review of {label} to {reviewer}")),
    EntryKind(TAKEN, _("{actor} began the review of {label}")),
    EntryKind(SUBMITTED, _("{actor} handed in the review of {label}")),
    EntryKind(SKIPPED, _("{actor} skipped the review of {label}: {reason}")),
    EntryKind(STOP_ASKED, _("{actor} asked for a stop after the review of {label}: {reason}")),
    EntryKind(RELEASED, _("{actor} released the review of {label} to who did the work")),
    EntryKind(ACKNOWLEDGED, _("{actor} took note of the review of {label}")),
)
