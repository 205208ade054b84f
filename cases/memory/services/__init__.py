"""The acts on a case's memory: one transaction, one lock on the case, its ledger entry."""

from cases.memory.services.customers import bind_customer
from cases.memory.services.disclosing import note_carried, record_disclosure
from cases.memory.services.evidence import attach_evidence
from cases.memory.services.facts import write_fact
from cases.memory.services.files import FileContent, attach_file, clear_files, open_file
from cases.memory.services.idling import end_idle
from cases.memory.services.lifecycle import (
    assign_locked,
    close_case,
    gate_locked,
    hold_case,
    move_case,
    reopen_case,
    resolve_case,
)
from cases.memory.services.marks import clear_risk_flag, hold_intent_locked, mark_locked
from cases.memory.services.merging import (
    lock_both,
    lock_merge,
    merge_locked,
    side_of,
    unmerge_locked,
)
from cases.memory.services.messages import add_message, start_interaction
from cases.memory.services.opening import Contact, open_case, receive_contact
from cases.memory.services.reading import record_read
from cases.memory.services.verification import (
    record_claim,
    record_verification,
    withdraw_verification,
)

__all__ = [
    "Contact",
    "FileContent",
    "add_message",
    "assign_locked",
    "attach_evidence",
    "attach_file",
    "bind_customer",
    "clear_files",
    "clear_risk_flag",
    "close_case",
    "end_idle",
    "gate_locked",
    "hold_case",
    "hold_intent_locked",
    "lock_both",
    "lock_merge",
    "mark_locked",
    "merge_locked",
    "move_case",
    "note_carried",
    "open_case",
    "open_file",
    "receive_contact",
    "record_claim",
    "record_disclosure",
    "record_read",
    "record_verification",
    "reopen_case",
    "resolve_case",
    "side_of",
    "start_interaction",
    "unmerge_locked",
    "withdraw_verification",
    "write_fact",
]
