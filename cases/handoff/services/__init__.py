"""The acts on a handoff: one transaction, case before handoff, one ledger entry."""

from cases.handoff.services.answering import judge_handoff, pass_overdue, refuse_handoff
from cases.handoff.services.consulting import Question, answer_colleague, ask_colleague
from cases.handoff.services.offering import offer_handoff
from cases.handoff.services.referring import Referral, refer_outside
from cases.handoff.services.routing import Wanted
from cases.handoff.services.taking import accept_handoff, complete_handoff, return_handoff

__all__ = [
    "Question",
    "Referral",
    "Wanted",
    "accept_handoff",
    "answer_colleague",
    "ask_colleague",
    "complete_handoff",
    "judge_handoff",
    "offer_handoff",
    "pass_overdue",
    "refer_outside",
    "refuse_handoff",
    "return_handoff",
]
