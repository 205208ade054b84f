"""`/metrics` in Prometheus text: values read when they are asked for, by registered collectors.

A room adds its own by ``orchestra.core.metrics.collectors.register(name, collect)``.
"""

import hmac
import ipaddress
import logging
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from governance.ledger import selectors
from governance.ledger.types import OutsideCopy
from governance.liveness.selectors import (
    BREAKER_VALUES,
    collect_breakers_shared,
    collect_liveness,
)
from orchestra.core import clock
from orchestra.core.metrics import collectors, gauge
from orchestra.core.outbound import breaker_states

_log = logging.getLogger(__name__)


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with every metric, to who may ask."""
    if not _may_ask(request):
        return HttpResponse(status=404)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Registered())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def collect_ledger() -> Iterator[Metric]:
    """Yield how the ledger grows, waits, signs and verifies. Times are seconds."""
    now = clock.now()
    backlog, last = selectors.get_backlog(), selectors.latest_checkpoint()
    verified, stop = selectors.latest_verification(), selectors.find_signing_stop()
    oldest = (now - backlog.oldest_at).total_seconds() if backlog.oldest_at else 0.0
    yield gauge(
        "ledger_entries", "Entries that have their place in the tree.", selectors.tree_size()
    )
    yield gauge("ledger_unsequenced_entries", "Entries that wait for their place.", backlog.count)
    yield gauge("ledger_unsequenced_oldest_seconds", "Age of the oldest entry that waits.", oldest)
    yield gauge("ledger_signing_stopped", "1 while the sequencer refuses to sign.", int(bool(stop)))
    if last:
        age = (now - last.at).total_seconds()
        yield gauge("ledger_checkpoint_size", "Entries under the newest checkpoint.", last.size)
        yield gauge("ledger_checkpoint_age_seconds", "Age of the newest checkpoint.", age)
    if verified:
        age = (now - verified.at).total_seconds()
        yield gauge(
            "ledger_verification_ok", "1 if the last check found nothing.", int(verified.ok)
        )
        yield gauge(
            "ledger_verification_findings", "Findings of the last check.", verified.problems
        )
        yield gauge("ledger_verification_age_seconds", "Age of the last check.", age)
        yield gauge(
            "ledger_verification_duration_seconds", "Length of the last check.", verified.seconds
        )
    yield _outside(verified.outside if verified else "")


def collect_breakers() -> Iterator[Metric]:
    """Yield how the breakers of this process stand; each process has its own."""
    family = GaugeMetricFamily(
        "orchestra_breaker_open",
        "1 while this process leaves a connection alone; 0.5 while it tries it once.",
        labels=["connection"],
    )
    for connection, breaker in breaker_states().items():
        family.add_metric([connection], BREAKER_VALUES[breaker.state])
    yield family


def _outside(state: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "orchestra_ledger_outside_copy",
        "How the copy outside the database stood at the last check; 1 for the state it was in.",
        labels=["state"],
    )
    for one in OutsideCopy:
        family.add_metric([str(one)], int(state == one))
    return family


class _Registered(Collector):
    """Every registered collector in turn; one that fails is named, and spoils no other."""

    def collect(self) -> Iterator[Metric]:
        failed = GaugeMetricFamily(
            "orchestra_collector_failed", "1 for what could not be read.", labels=["collector"]
        )
        for name in collectors:
            try:
                families = list(collectors.get(name)())
            except Exception:  # noqa: BLE001  a scrape shows what it can
                _log.exception("The collector %s failed", name)
                failed.add_metric([name], 1)
                continue
            failed.add_metric([name], 0)
            yield from families
        yield failed


def _may_ask(request: HttpRequest) -> bool:
    """Return whether a caller holds the token, or, where there is none, is on this machine."""
    token = getattr(settings, "METRICS_TOKEN", "")
    if token:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        # Behind a proxy everybody seems to be on this machine.
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


collectors.register("ledger", collect_ledger)
collectors.register("liveness", collect_liveness)
collectors.register("breakers", collect_breakers)
collectors.register("breakers_shared", collect_breakers_shared)
