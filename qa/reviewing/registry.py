"""What follows a review that was skipped; filled at start-up."""

from datetime import datetime
from typing import Protocol

from orchestra.core.actors import Actor
from orchestra.core.registry import Registry
from qa.reviewing.models import Review
from qa.sampling.types import ReplacedFor


class SkippedHandler(Protocol):
    """Told of a skipped review, in the same transaction; what it raises undoes the skipping."""

    def __call__(self, *, actor: Actor, now: datetime, review: Review, reason: ReplacedFor) -> None:
        """Take note of it, such as by drawing the next in line."""


#: Told of each skipped review.
skipped: Registry[SkippedHandler] = Registry("handler of skipped reviews")


def tell_skipped(*, actor: Actor, now: datetime, review: Review, reason: ReplacedFor) -> None:
    """Tell every handler that a review was skipped, by name."""
    for name in skipped:
        skipped.get(name)(actor=actor, now=now, review=review, reason=reason)
