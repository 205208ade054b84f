"""What reviews of drawn units gave, beside what automatic checks said of the same."""

from collections.abc import Sequence

from orchestra.core.together import Reading, all_of, read
from qa.reviewing.models import Review
from qa.reviewing.types import ReviewKind, ReviewState
from qa.sampling.registry import Result


def reading_results_of_drawn(keys: Sequence[int]) -> Reading[dict[int, Result]]:
    """Come to the result of the first submitted review of each drawn unit that has one.

    Args:
        keys: Of drawn units.

    Returns:
        By drawn unit; what checks said is the verdict of their newest series.
    """
    rows = Review.objects.filter(
        drawn__in=keys,
        kind=ReviewKind.FIRST,
        state__in=[ReviewState.SUBMITTED, ReviewState.RELEASED],
        passed__isnull=False,
    ).order_by("submitted_at", "pk")
    said = rows.filter(unit__verdicts__isnull=False).order_by(
        "unit__verdicts__at", "unit__verdicts__pk"
    )
    told = yield from all_of(
        {
            "verdicts": read(said.values_list("unit_id", "unit__verdicts__would_pass")),
            "reviews": read(rows.values_list("drawn_id", "unit_id", "passed", "seconds")),
        }
    )
    verdicts = dict(told["verdicts"])
    found: dict[int, Result] = {}
    for drawn, unit, passed, seconds in told["reviews"]:
        judged = verdicts.get(unit)
        value = None if judged is None else float(judged)
        if drawn is not None:
            found.setdefault(drawn, Result(float(bool(passed)), value, seconds))
    return found
