"""The ledger kinds of sampling plans."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

PUBLISHED = "sampling_plan.published"
RETIRED = "sampling_plan.retired"

KINDS = (
    EntryKind(PUBLISHED, _("{actor} published version {number} of the sampling plan {title}")),
    EntryKind(
        RETIRED, _("{actor} took version {number} of the sampling plan {title} out of force")
    ),
)
