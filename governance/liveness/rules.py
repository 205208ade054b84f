"""When silence is too long; pure."""

from datetime import datetime


def silence_seconds(*, last: datetime | None, now: datetime) -> float:
    """Return how long no work was taken; 0 where none ever was, as before the first start.

    Args:
        last: When a sign of work was last taken.
        now: The moment of the question.
    """
    return max(0.0, (now - last).total_seconds()) if last else 0.0
