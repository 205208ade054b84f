"""How far reviewers answer as was agreed, as values."""

from dataclasses import dataclass
from typing import Final

#: Fewer reviews than these say nothing of a person.
FEWEST_REVIEWS: Final = 3


@dataclass(frozen=True, slots=True)
class GoldAgreement:
    """How often one person gave the agreed answer to one question.

    Attributes:
        person: Name of the reviewer.
        scorecard: Title of the scorecard.
        text: The question.
        total: Gold reviews in which it was answered.
        agreed: Those with the agreed answer.
        low: Lower end of the 95 % interval, 0 to 1; None with fewer than three reviews.
        high: Upper end.
    """

    person: str
    scorecard: str
    text: str
    total: int
    agreed: int
    low: float | None
    high: float | None
