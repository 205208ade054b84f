"""The ledger kinds that live assist writes."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

SUGGESTED = "assist.suggested"
REACTED = "assist.reacted"
PAUSED = "assist.paused"

KINDS = (
    EntryKind(SUGGESTED, _("Live assist suggested {count} things to what the customer said")),
    EntryKind(REACTED, _("{actor} {reaction} what live assist suggested: {source}")),
    EntryKind(PAUSED, _("{actor} {did} live assist on this case")),
)
