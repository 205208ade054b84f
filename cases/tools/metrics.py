"""What `/metrics` tells of tool calls: where they stand, how they end, how long they take.

Each query is bounded: what is open, or the newest thousand, however many there have been.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily, Metric

from cases.tools.models import ToolAttempt, ToolCall
from cases.tools.types import AttemptOutcome, CallState
from orchestra.core.metrics import gauge

NEWEST: Final = 1_000
_OPEN: Final = tuple(
    state for state in CallState if not state.is_terminal or state is CallState.UNKNOWN
)
_ENDED: Final = tuple(state for state in CallState if state not in _OPEN)
_SHARES: Final = (0.5, 0.95, 0.99)


def collect_calls() -> Iterator[Metric]:
    """Yield open calls by state, the newest by end, and how attempts went: three queries."""
    yield _by("tool_calls_open", "Tool calls that are not over.", "state", _open(), _OPEN)
    newest = ToolCall.objects.order_by("-pk").values_list("state", flat=True)[:NEWEST]
    ended = Counter(newest)
    text = f"How many of the newest {NEWEST} tool calls ended so."
    yield _by("tool_calls_newest", text, "state", ended, _ENDED)
    attempts = list(
        ToolAttempt.objects.filter(ended_at__isnull=False)
        .order_by("-pk")
        .values_list("outcome", "started_at", "ended_at")[:NEWEST]
    )
    outcomes = Counter(outcome for outcome, _started, _ended in attempts)
    text = f"How many of the newest {NEWEST} attempts at a system of record ended so."
    yield _by("tool_attempts_newest", text, "outcome", outcomes, tuple(AttemptOutcome))
    yield from _lengths(
        sorted((ended - started).total_seconds() for _outcome, started, ended in attempts if ended)
    )


def _open() -> dict[str, int]:
    rows = ToolCall.objects.filter(state__in=_OPEN).order_by().values("state")
    return {row["state"]: row["count"] for row in rows.annotate(count=Count("id"))}


def _lengths(seconds: Sequence[float]) -> Iterator[Metric]:
    if not seconds:
        return
    family = GaugeMetricFamily(
        "orchestra_tool_attempt_seconds",
        f"How long the newest {NEWEST} attempts took, by the share that took no longer.",
        labels=["quantile"],
    )
    for share in _SHARES:
        place = min(len(seconds) - 1, int(share * len(seconds)))
        family.add_metric([str(share)], seconds[place])
    yield family
    yield gauge("tool_attempt_longest_seconds", "The longest of these attempts.", seconds[-1])


def _by(
    name: str, text: str, label: str, counts: dict[str, int], known: Sequence[str]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"orchestra_{name}", text, labels=[label])
    for one in known:
        family.add_metric([str(one)], counts.get(one, 0))
    return family
