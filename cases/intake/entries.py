"""The ledger kinds that intake writes."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

CASE_CLASSIFIED = "case.classified"

KINDS = (EntryKind(CASE_CLASSIFIED, _("{actor} read the case as {title}, priority {priority}")),)
