"""The ledger kinds of retention."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

RETENTION_CHANGED = "retention.changed"
RETENTION_RAN = "retention.ran"

KINDS = (
    EntryKind(
        RETENTION_CHANGED,
        _("{actor} changed how long {title} is kept, from {from_days} to {to_days} days: {reason}"),
    ),
    EntryKind(
        RETENTION_RAN,
        _("Retention ran: {gone} records were removed, {held} stay under legal hold"),
    ),
)
