"""The ledger kinds that the guided path writes."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

PATH_CHOSEN = "path.chosen"
PATH_EXPANDED = "path.expanded"
PATH_LEFT = "path.left"

KINDS = (
    EntryKind(PATH_CHOSEN, _("{actor} chose “{title}” as the one journey to make ready first")),
    EntryKind(PATH_EXPANDED, _("{actor} opened the way to further journeys after “{title}”")),
    EntryKind(PATH_LEFT, _("{actor} left the guided path of “{title}”: {reason}")),
)
