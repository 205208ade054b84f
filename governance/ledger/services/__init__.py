"""Writes of the ledger: append, sequence and sign, verify, record a read."""

from governance.ledger.services.appending import append_entry, one_act, one_part
from governance.ledger.services.reading import record_read
from governance.ledger.services.sequencing import sequence
from governance.ledger.services.signing import log_origin, published_key
from governance.ledger.services.verifying import verify
from governance.ledger.types import VerifyReport

__all__ = [
    "VerifyReport",
    "append_entry",
    "log_origin",
    "one_act",
    "one_part",
    "published_key",
    "record_read",
    "sequence",
    "verify",
]
