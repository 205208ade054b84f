"""Give out reviews, answer them, hand them in, and what follows."""

from qa.reviewing.services.answering import (
    Filled,
    save_review,
    skip_review,
    submit_review,
    take_review,
)
from qa.reviewing.services.assigning import assign_drawn
from qa.reviewing.services.directing import ask_review, give_review
from qa.reviewing.services.escalating import ask_stop
from qa.reviewing.services.replacing import replace_skipped

__all__ = [
    "Filled",
    "ask_review",
    "ask_stop",
    "assign_drawn",
    "give_review",
    "replace_skipped",
    "save_review",
    "skip_review",
    "submit_review",
    "take_review",
]
