"""The ledger kinds of gold items.

None names the unit or who is given it: reviewers read the ledger too.
"""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

MARKED = "quality_gold.marked"
WITHDRAWN = "quality_gold.withdrawn"
GIVEN = "quality_gold.given"

KINDS = (
    EntryKind(MARKED, _("{actor} marked a review as gold, with the agreed answers")),
    EntryKind(WITHDRAWN, _("{actor} withdrew a gold item; it is given out no more")),
    EntryKind(GIVEN, _("{actor} put {count} gold items among the reviews of a draw")),
)
