"""Governance's pages in the admin; importing this package mounts them."""

from governance.admin import (
    access,
    agent_acts,
    change_acts,
    change_rehearsal,
    change_shadow,
    change_table,
    change_texts,
    changes,
    finding,
    grants,
    ledger,
    policies,
    policy_try,
    rehearsals,
    try_one,
)

__all__ = [
    "access",
    "agent_acts",
    "change_acts",
    "change_rehearsal",
    "change_shadow",
    "change_table",
    "change_texts",
    "changes",
    "finding",
    "grants",
    "ledger",
    "policies",
    "policy_try",
    "rehearsals",
    "try_one",
]
