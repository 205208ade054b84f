"""Ask for votes, vote, and end requests; every act is a ledger entry."""

from governance.approvals.services.absence import release_absent
from governance.approvals.services.batching import vote_batch
from governance.approvals.services.claim import claim_request, release_request
from governance.approvals.services.clocks import turn_clocks
from governance.approvals.services.ending import expire_due, void_request
from governance.approvals.services.handing import hand_over_request, take_back_request
from governance.approvals.services.losing import authority_lost
from governance.approvals.services.opening import record_evidence_seen, record_opened
from governance.approvals.services.requesting import request_approval
from governance.approvals.services.using import use_grant, use_locked_grant
from governance.approvals.services.views import delete_view, rename_view, save_view
from governance.approvals.services.vigilance_judging import end_edited_test, judge, lock_nothing
from governance.approvals.services.vigilance_planting import place_due, plant_due
from governance.approvals.services.vigilance_switching import (
    agree_vigilance,
    ask_vigilance,
    end_vigilance,
)
from governance.approvals.services.voting import cast_vote

__all__ = [
    "agree_vigilance",
    "ask_vigilance",
    "authority_lost",
    "cast_vote",
    "claim_request",
    "delete_view",
    "end_edited_test",
    "end_vigilance",
    "expire_due",
    "hand_over_request",
    "judge",
    "lock_nothing",
    "place_due",
    "plant_due",
    "record_evidence_seen",
    "record_opened",
    "release_absent",
    "release_request",
    "rename_view",
    "request_approval",
    "save_view",
    "take_back_request",
    "turn_clocks",
    "use_grant",
    "use_locked_grant",
    "void_request",
    "vote_batch",
]
