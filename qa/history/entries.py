"""The ledger kinds of imported history."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.registry import EntryKind

IMPORTED = "history.imported"
FORGOTTEN = "history.forgotten"

KINDS = (
    EntryKind(IMPORTED, _("{actor} brought in {cases} cases of {title} from {file}")),
    EntryKind(FORGOTTEN, _("{actor} took out the {cases} cases of {title}")),
)
