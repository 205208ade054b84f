"""Writes of the ledger: append, sequence and sign, verify, index, record a read."""

from governance.ledger.services.appending import (
    append_entry,
    one_act,
    one_part,
    seal_stream,
)
from governance.ledger.services.epochs import begin_epoch
from governance.ledger.services.erasing import erase_payloads
from governance.ledger.services.guarding import look_outside
from governance.ledger.services.indexing import index_entries
from governance.ledger.services.reading import record_read
from governance.ledger.services.rotating import rotate_key
from governance.ledger.services.searches import delete_search, rename_search, save_search
from governance.ledger.services.sequencing import keep_sequencing, sequence
from governance.ledger.services.signing import (
    current_standing,
    log_origin,
    published_key,
    reading_published_key,
    reading_standing,
    sign_pack,
)
from governance.ledger.services.verifying import verify, verify_due
from governance.ledger.types import VerifyReport

__all__ = [
    "VerifyReport",
    "append_entry",
    "begin_epoch",
    "current_standing",
    "delete_search",
    "erase_payloads",
    "index_entries",
    "keep_sequencing",
    "log_origin",
    "look_outside",
    "one_act",
    "one_part",
    "published_key",
    "reading_published_key",
    "reading_standing",
    "record_read",
    "rename_search",
    "rotate_key",
    "save_search",
    "seal_stream",
    "sequence",
    "sign_pack",
    "verify",
    "verify_due",
]
