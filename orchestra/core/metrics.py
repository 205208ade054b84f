"""What the rooms tell `/metrics`: collectors, registered at start-up and read at each scrape."""

from collections.abc import Callable, Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from orchestra.core.registry import Registry

#: Yields families with their values of this moment, in few queries.
Collect = Callable[[], Iterable[Metric]]

collectors: Registry[Collect] = Registry("collector of metrics")


def gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    """Return one gauge.

    Args:
        name: Such as ``ledger_entries``; lengths of time end in ``_seconds``.
        text: What it says, in a sentence.
        value: Its value now.
    """
    return GaugeMetricFamily(f"orchestra_{name}", text, value=value)
