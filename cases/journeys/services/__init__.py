"""The conductor used by every face: each public act on a case, and what the rooms report."""

from cases.handoff.services import (
    Question,
    Referral,
    answer_colleague,
    ask_colleague,
    refer_outside,
)
from cases.journeys.services.binding import propose_bound_step
from cases.journeys.services.deadlines import pass_deadlines
from cases.journeys.services.editing import EditRequest, edit_tool_call, preview_edit
from cases.journeys.services.ending import close, reopen, resolve
from cases.journeys.services.handing import (
    HandoffOffer,
    accept_handoff,
    complete_handoff,
    judge_handoff,
    offer_handoff,
    refuse_handoff,
    return_handoff,
)
from cases.journeys.services.heeding import confirm_intent
from cases.journeys.services.holding import cancel_journey, pause_journey, resume_journey
from cases.journeys.services.merging import merge_cases, unmerge_case
from cases.journeys.services.moving import move_journey
from cases.journeys.services.opening import Contact, Opened, open_case
from cases.journeys.services.proposing import (
    ProposalRequest,
    cancel_tool_call,
    propose_tool_call,
)
from cases.journeys.services.publishing import (
    find_errors,
    publish_cue_sheet,
    retire_cue_sheet,
)
from cases.journeys.services.reclassifying import settle_intent
from cases.journeys.services.repeating import Answered, propose_once
from cases.journeys.services.reversing import finish_reversal, propose_reversal, reverse_due
from cases.journeys.services.settling import (
    approval_decided,
    call_handed_off,
    call_proposed,
    call_settled,
)
from cases.journeys.services.speaking import (
    add_message,
    attach_evidence,
    attach_file,
    record_disclosure,
    start_interaction,
)
from cases.journeys.services.starting import start_journey
from cases.journeys.services.stating import state_fact
from cases.journeys.services.steps import complete_step
from cases.journeys.services.summing import rebuild_journey_sums, sum_journeys
from cases.journeys.services.timing import end_overdue_journeys
from cases.journeys.services.verifying import record_verification

__all__ = [
    "Answered",
    "Contact",
    "EditRequest",
    "HandoffOffer",
    "Opened",
    "ProposalRequest",
    "Question",
    "Referral",
    "accept_handoff",
    "add_message",
    "answer_colleague",
    "approval_decided",
    "ask_colleague",
    "attach_evidence",
    "attach_file",
    "call_handed_off",
    "call_proposed",
    "call_settled",
    "cancel_journey",
    "cancel_tool_call",
    "close",
    "complete_handoff",
    "complete_step",
    "confirm_intent",
    "edit_tool_call",
    "end_overdue_journeys",
    "find_errors",
    "finish_reversal",
    "judge_handoff",
    "merge_cases",
    "move_journey",
    "offer_handoff",
    "open_case",
    "pass_deadlines",
    "pause_journey",
    "preview_edit",
    "propose_bound_step",
    "propose_once",
    "propose_reversal",
    "propose_tool_call",
    "publish_cue_sheet",
    "rebuild_journey_sums",
    "record_disclosure",
    "record_verification",
    "refer_outside",
    "refuse_handoff",
    "reopen",
    "resolve",
    "resume_journey",
    "retire_cue_sheet",
    "return_handoff",
    "reverse_due",
    "settle_intent",
    "start_interaction",
    "start_journey",
    "state_fact",
    "sum_journeys",
    "unmerge_case",
]
