"""What interval a number of reviews buys, and how many a wanted one costs; pure.

Sources: W. G. Cochran, "Sampling Techniques", 3rd ed., 4.3 (size for a proportion, with the
finite population correction); zero-failure plans from the binomial and, for a lot of known size,
from the hypergeometric distribution.
"""

import math
from statistics import NormalDist

from orchestra.core.errors import InvalidInputError


def z_of(confidence: float) -> float:
    """Return the two-sided normal quantile of a confidence, 0.95 to 1.96."""
    if not 0 < confidence < 1:
        raise InvalidInputError("A confidence lies between 0 and 1.")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def size_for_margin(
    *,
    margin: float,
    confidence: float = 0.95,
    share: float = 0.5,
    population: int | None = None,
) -> float:
    """Return how many reviews give an interval of plus or minus a margin; round it up.

    ``n0 = z^2 p (1-p) / e^2``, for a known population ``n = n0 / (1 + (n0 - 1) / N)``.

    Args:
        margin: Half of the interval, 0.05 for five points.
        confidence: 0 to 1.
        share: The share expected; half is the safe guess.
        population: Units that there are; None for many more than are drawn.

    Raises:
        InvalidInputError: A number is out of its range.
    """
    if not 0 < margin < 1 or not 0 <= share <= 1:
        raise InvalidInputError("A margin lies between 0 and 1, a share from 0 to 1.")
    many = z_of(confidence) ** 2 * share * (1 - share) / margin**2
    if population is None:
        return many
    if population < 1:
        raise InvalidInputError("A population holds at least one.")
    return many / (1 + (many - 1) / population)


def margin_of(
    *, reviews: int, confidence: float = 0.95, share: float = 0.5, population: int | None = None
) -> float:
    """Return half of the interval that a number of reviews gives; 0 where all are reviewed."""
    if reviews < 1:
        raise InvalidInputError("At least one review is needed for an interval.")
    finite = 1.0
    if population is not None:
        if population < reviews:
            raise InvalidInputError("More reviews than there are units.")
        finite = (population - reviews) / (population - 1) if population > 1 else 0.0
    return z_of(confidence) * math.sqrt(share * (1 - share) / reviews * finite)


def discovery_size(*, confidence: float, share: float, population: int | None = None) -> int:
    """Return how many without one failure show that less than a share fail.

    The least n with ``(1 - p)^n <= 1 - c``; for a known population, in which a share of it,
    rounded down, is bad, by the hypergeometric distribution.

    Raises:
        InvalidInputError: A number is out of its range, or the lot holds no bad one to find.
    """
    if not 0 < confidence < 1 or not 0 < share < 1:
        raise InvalidInputError("Confidence and share lie between 0 and 1.")
    if population is None:
        return math.ceil(round(math.log(1 - confidence) / math.log(1 - share), 9))
    bad = math.floor(round(share * population, 9))
    if bad < 1:
        raise InvalidInputError("So small a lot holds no whole bad unit to find; review all.")
    missed = 1.0
    for number in range(population):
        if missed <= 1 - confidence:
            return number
        missed *= max(0, population - bad - number) / (population - number)
    return population


def largest_share(*, reviews: int, confidence: float = 0.95) -> float:
    """Return the share that is still possible after so many reviews without a failure.

    ``1 - (1 - c)^(1/n)``: about 3/n at 95 %.
    """
    if reviews < 1:
        raise InvalidInputError("At least one review is needed for a bound.")
    return float(1 - (1 - confidence) ** (1 / reviews))
