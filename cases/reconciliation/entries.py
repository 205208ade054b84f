"""The ledger kinds of comparing the rows with the ledger."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

RECONCILED = "ledger.reconciled"
DIFFERENCE_EXPLAINED = "ledger.difference_explained"

KINDS = (
    EntryKind(
        RECONCILED,
        _("{effects} effects compared with {entries} entries, {unexplained} differences open"),
    ),
    EntryKind(DIFFERENCE_EXPLAINED, _("{actor} explained a difference: {explanation}")),
)
