"""The ledger kinds of metric definitions."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

PUBLISHED = "metric_definition.published"
RETIRED = "metric_definition.retired"

KINDS = (
    EntryKind(PUBLISHED, _("{actor} published version {number} of the metric {title}")),
    EntryKind(RETIRED, _("{actor} took version {number} of the metric {title} out of force")),
)
