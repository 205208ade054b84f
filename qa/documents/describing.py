"""What differs between two documents that are each said in sentences."""

from collections.abc import Iterator, Mapping

from governance.reviews.describing import describe_heads
from governance.reviews.types import Change, Sign


def describe_sentences(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    """Yield what differs, also where a sentence falls away.

    Args:
        before: What each sentence is about to the sentence; empty for no version in force.
        after: The same of the text that would be.
    """
    yield from describe_heads(before, after)
    for place, was in before.items():
        if place not in after:
            yield Change(Sign.REMOVED, place, before=was)
