"""The ledger kinds of access reviews: begun, every decision, the end, and what was taken out."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

STARTED = "access_review.started"
REVIEWER_NAMED = "access_review.reviewer_named"
CONFIRMED = "access_review.confirmed"
REVOKED = "access_review.revoked"
FINISHED = "access_review.finished"
EXPORTED = "access.exported"

KINDS = (
    EntryKind(
        STARTED, _("{actor} started the access review {title} of {count} grants, due {due_at}")
    ),
    EntryKind(REVIEWER_NAMED, _("{actor} named {reviewer} a reviewer of {title}")),
    EntryKind(CONFIRMED, _("{actor} confirmed in a review: {holder}, {what}")),
    EntryKind(REVOKED, _("{actor} revoked in a review: {holder}, {what} ({reason})")),
    EntryKind(
        FINISHED,
        _(
            "{actor} finished the access review {title}: {confirmed} confirmed, "
            "{revoked} revoked, {open} left open, {gone} gone"
        ),
    ),
    EntryKind(EXPORTED, _("{actor} exported who could do what: {what}")),
)
