"""The ledger kinds that packs write."""

from django.utils.translation import gettext_lazy as _

from governance.ledger.types import EntryKind

PACK_LOADED = "pack.loaded"

KINDS = (EntryKind(PACK_LOADED, _("{actor} loaded the pack {title}, version {version}")),)
