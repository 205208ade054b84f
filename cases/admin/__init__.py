"""Cases' pages in the admin; importing this package mounts them."""

from cases.admin import (
    approval_hand_over,
    approval_page,
    approval_views,
    approvals,
    approvals_batch,
    case_acts,
    case_page,
    cases,
    cue_sheets,
    decisions,
    hand_on,
    handoffs,
    history,
    ledger_case,
    propose,
    tools,
)

__all__ = [
    "approval_hand_over",
    "approval_page",
    "approval_views",
    "approvals",
    "approvals_batch",
    "case_acts",
    "case_page",
    "cases",
    "cue_sheets",
    "decisions",
    "hand_on",
    "handoffs",
    "history",
    "ledger_case",
    "propose",
    "tools",
]
