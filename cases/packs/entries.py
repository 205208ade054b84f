"""The ledger kinds that packs write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

PACK_LOADED = "pack.loaded"
TOOL_PUBLISHED = "tool.published"

KINDS = (
    EntryKind(PACK_LOADED, _("{actor} loaded the pack {title}, version {version}")),
    EntryKind(TOOL_PUBLISHED, _("{actor} published the tool {title}, risk {risk}")),
)
