"""The ledger kinds of targets and of the alerts they open."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

PUBLISHED = "outcome_target.published"
RETIRED = "outcome_target.retired"
OPENED = "outcome_alert.opened"
ACKNOWLEDGED = "outcome_alert.acknowledged"
CLOSED = "outcome_alert.closed"

KINDS = (
    EntryKind(PUBLISHED, _("{actor} published version {number} of the target {title}")),
    EntryKind(RETIRED, _("{actor} took version {number} of the target {title} out of force")),
    EntryKind(OPENED, _("the target {title} is not kept: an alert was opened")),
    EntryKind(ACKNOWLEDGED, _("{actor} acknowledged the alert on {title}: {note}")),
    EntryKind(CLOSED, _("{actor} closed the alert on {title}: {note}")),
)
