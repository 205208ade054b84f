"""The ledger kinds of scorecards."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

PUBLISHED = "scorecard.published"
RETIRED = "scorecard.retired"

KINDS = (
    EntryKind(PUBLISHED, _("{actor} published version {number} of the scorecard {title}")),
    EntryKind(RETIRED, _("{actor} took version {number} of the scorecard {title} out of force")),
)
