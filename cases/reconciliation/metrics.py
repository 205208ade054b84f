"""What `/metrics` tells of completeness: differences nobody explained, and how old they are."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from cases.reconciliation import selectors
from orchestra.core import clock
from orchestra.core.metrics import gauge


def collect_completeness() -> Iterator[Metric]:
    """Yield how many differences stand, since when, and when was last compared: three queries.

    A gauge of age is left out while there is nothing to be of that age, so that an alarm on
    its absence is possible.
    """
    now = clock.now()
    standing = selectors.summarize_unexplained()
    yield gauge(
        "reconciliation_unexplained",
        "Differences between effects and entries that nobody explained.",
        standing.count,
    )
    yield gauge(
        "reconciliation_unexplained_oldest_seconds",
        "Age of the oldest difference that nobody explained; 0 where there is none.",
        (now - standing.oldest_at).total_seconds() if standing.oldest_at else 0.0,
    )
    for name, last in (
        ("last", selectors.last_reconciliation()),
        ("whole", selectors.last_reconciliation(whole=True)),
    ):
        if last is not None:
            yield gauge(
                f"reconciliation_{name}_age_seconds",
                "Age of the newest comparison."
                if name == "last"
                else "Age of the newest comparison of everything.",
                (now - last.at).total_seconds(),
            )
