"""The acts on a handoff: one transaction, case before handoff, one ledger entry."""

from cases.handoff.services.offering import offer_handoff
from cases.handoff.services.taking import accept_handoff, complete_handoff, return_handoff

__all__ = ["accept_handoff", "complete_handoff", "offer_handoff", "return_handoff"]
