"""That the sequencer stopped, and that it goes on: told once, where people see it."""

import logging
from datetime import datetime

from django.db import DatabaseError, transaction

from governance.ledger import selectors
from governance.ledger.entries import SIGNING_RESUMED, SIGNING_STOPPED, SYSTEM_STREAM
from governance.ledger.services.appending import append_entry
from governance.ledger.types import DamagedLedgerError, EntryDraft
from orchestra.core import actors

#: What tells one reason to stop from another; the size of the ledger grows while it is stopped.
_SAME = ("checkpoint", "root", "where")

_log = logging.getLogger(__name__)


def record_stopped(*, now: datetime, error: DamagedLedgerError) -> bool:
    """Record why nothing is signed, unless that is on record already.

    Returns:
        Whether it is news.
    """
    told = selectors.find_signing_stop()
    data = dict(error.data)
    is_told = told is not None and told.code == error.error_code
    if told and is_told and all(told.data.get(name) == data.get(name) for name in _SAME):
        return False
    _log.critical("The ledger signs nothing: %s", error.message)
    payload = {"code": error.error_code, "data": data, "message": error.message}
    draft = EntryDraft(stream=SYSTEM_STREAM, kind=SIGNING_STOPPED, payload=payload)
    try:
        with transaction.atomic():
            append_entry(actor=actors.system("ledger"), now=now, draft=draft)
    except DatabaseError:
        # The system stream itself may be what is damaged; the log has it then.
        _log.exception("That the ledger signs nothing could not be recorded")
    return True


def record_resumed(*, now: datetime, size: int) -> None:
    """Record that signing goes on, where it had stopped."""
    if selectors.find_signing_stop() is None:
        return
    draft = EntryDraft(stream=SYSTEM_STREAM, kind=SIGNING_RESUMED, payload={"size": size})
    append_entry(actor=actors.system("ledger"), now=now, draft=draft)
