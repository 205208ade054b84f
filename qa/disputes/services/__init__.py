"""Release a review, answer it, decide or hand over what is disputed, and coach."""

from qa.disputes.services.coaching import finish_coaching, give_coaching
from qa.disputes.services.deciding import decide_dispute, pass_late
from qa.disputes.services.handing import hand_dispute
from qa.disputes.services.raising import raise_dispute
from qa.disputes.services.releasing import acknowledge_review, release_review

__all__ = [
    "acknowledge_review",
    "decide_dispute",
    "finish_coaching",
    "give_coaching",
    "hand_dispute",
    "pass_late",
    "raise_dispute",
    "release_review",
]
