"""Release a review, answer it, decide what is disputed, and coach."""

from qa.disputes.services.coaching import finish_coaching, give_coaching
from qa.disputes.services.deciding import decide_dispute, pass_late
from qa.disputes.services.raising import raise_dispute
from qa.disputes.services.releasing import acknowledge_review, release_review

__all__ = [
    "acknowledge_review",
    "decide_dispute",
    "finish_coaching",
    "give_coaching",
    "pass_late",
    "raise_dispute",
    "release_review",
]
