"""Which reviews are followed by a gold one, which one, and what agreed answers have to be; pure."""

from collections.abc import Iterator, Mapping, Sequence

from orchestra.core.errors import FieldError
from qa.estimates.proportions import wilson
from qa.gold.types import FEWEST_REVIEWS, GoldAgreement
from qa.sampling.drawing import SCALE, unit_number
from qa.scorecards.scoring import NOT_APPLICABLE
from qa.scorecards.types import Question

_WHOLE = 100


def is_followed(*, percent: int, seed: str, unit: str) -> bool:
    """Return whether a gold review goes to who was given the review of a unit.

    Args:
        percent: The share of the plan, 0 to 100.
        seed: The period's seed.
        unit: What the draw hashes of the unit, and the kind of its review.
    """
    return unit_number(seed=seed, plan="gold", version=1, unit=unit) * _WHOLE < percent * SCALE


def pick(items: Sequence[str], *, seed: str, unit: str) -> str:
    """Return the item with the smallest number; empty where there is none.

    Args:
        items: Ids of the gold items that fit the person.
        seed: The period's seed.
        unit: As for ``is_followed``.
    """
    return min(
        items,
        key=lambda one: unit_number(seed=seed, plan=f"gold|{unit}", version=1, unit=one),
        default="",
    )


def check_agreed(asked: Sequence[Question], answers: Mapping[str, str]) -> Iterator[FieldError]:
    """Yield what is wrong with agreed answers.

    Args:
        asked: The questions that are asked, given the answers, without those of free text.
        answers: Question to answer.
    """
    for one in asked:
        possible = (*one.answers, *((NOT_APPLICABLE,) if one.not_applicable else ()))
        if answers.get(one.key, "") not in possible:
            message = f"Choose the agreed answer to “{one.text}”."
            yield FieldError(f"answers.{one.key}", "choice", message)


def agreement(*, person: str, scorecard: str, text: str, same: Sequence[bool]) -> GoldAgreement:
    """Return how often somebody gave the agreed answer, with Wilson's interval.

    Args:
        person: Their name.
        scorecard: Title of the scorecard.
        text: The question.
        same: One for each gold review, whether the answer was the agreed one.
    """
    low = high = None
    if len(same) >= FEWEST_REVIEWS:
        interval = wilson(hits=sum(same), total=len(same))
        low, high = interval.low, interval.high
    return GoldAgreement(person, scorecard, text, len(same), sum(same), low, high)
