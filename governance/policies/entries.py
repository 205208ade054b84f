"""The kinds of entries that policies write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

POLICY_PUBLISHED = "policy.published"
DECISION_RECORDED = "decision.recorded"
DECISION_REAFFIRMED = "decision.reaffirmed"

KINDS = (
    EntryKind(POLICY_PUBLISHED, _("{actor} published version {number} of {title}")),
    EntryKind(DECISION_RECORDED, _("Policy said {outcome}: {reasons}")),
    EntryKind(DECISION_REAFFIRMED, _("Policy still says {outcome}")),
)
