"""Layer 6: permissions, policies, approvals and the ledger."""
