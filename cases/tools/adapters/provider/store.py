"""The service provider as a system of record: one state and its operations."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Self

from cases.tools.adapters.provider import changes, lookups
from cases.tools.adapters.retail.store import Operation, RetailStore

OPERATIONS: Mapping[str, Operation] = {
    "find_customer_by_email": Operation(lookups.find_customer_by_email, ("email",)),
    "confirm_one_time_code": Operation(lookups.confirm_one_time_code, ("customer_id", "code")),
    "get_customer": Operation(lookups.get_customer, ("customer_id",)),
    "get_service_request": Operation(lookups.get_service_request, ("request_id",)),
    "get_slot": Operation(lookups.get_slot, ("slot_id",)),
    "list_free_slots": Operation(lookups.list_free_slots, ("request_id",)),
    "get_appointment": Operation(lookups.get_appointment, ("request_id",)),
    "get_invoice": Operation(lookups.get_invoice, ("invoice_id",)),
    "get_complaint": Operation(lookups.get_complaint, ("complaint_id",)),
    "get_account_security": Operation(lookups.get_account_security, ("customer_id",)),
    "run_line_test": Operation(lookups.run_line_test, ("customer_id",)),
    "hand_to_person": Operation(lookups.hand_over, ("summary",)),
    "hand_to_specialist": Operation(lookups.hand_over, ("summary",)),
    "book_appointment": Operation(changes.book_appointment, ("request_id", "slot_id"), writes=True),
    "cancel_appointment": Operation(changes.cancel_appointment, ("request_id",), writes=True),
    "change_phone": Operation(changes.change_phone, ("customer_id", "phone"), writes=True),
    "register_complaint": Operation(
        changes.register_complaint, ("customer_id", "about"), writes=True
    ),
    "grant_goodwill": Operation(changes.grant_goodwill, ("complaint_id", "amount"), writes=True),
    "credit_invoice_line": Operation(
        changes.credit_invoice_line, ("invoice_id", "line_id"), writes=True
    ),
    "restore_invoice_line": Operation(
        changes.restore_invoice_line, ("invoice_id", "line_id"), writes=True
    ),
    "freeze_account": Operation(changes.freeze_account, ("customer_id", "reason"), writes=True),
    "unfreeze_account": Operation(changes.unfreeze_account, ("customer_id", "reason"), writes=True),
    "add_contact_note": Operation(changes.add_contact_note, ("customer_id", "note"), writes=True),
}


class ProviderStore(RetailStore):
    """One state of the provider in memory; not safe for several threads (the journal is)."""

    operations: ClassVar[Mapping[str, Operation]] = OPERATIONS

    @classmethod
    def fresh(cls, folder: Path | None = None) -> Self:
        """Make a provider with the untouched state.

        Args:
            folder: A folder with a ``db.json``; the one that ships when None.
        """
        text = _shipped() if folder is None else (folder / "db.json").read_text("utf-8")
        return cls(database=json.loads(text), text=text)


@lru_cache(maxsize=1)
def _shipped() -> str:
    """Return the data that ships, as JSON."""
    return Path(__file__).with_name("data").joinpath("db.json").read_text("utf-8")
