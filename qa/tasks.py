"""Thin Celery entries of quality: each calls one service, and may run twice."""

from celery import shared_task

from orchestra.core import clock
from qa.digest import services as digest
from qa.disputes import services as disputes
from qa.figures import services as figures
from qa.findings import services as findings
from qa.measurement import services as measurement
from qa.population import services as population
from qa.sampling import services as sampling
from qa.targets import services as targets


@shared_task(name="qa.population.follow")
def follow_population() -> None:
    """Write what ended since the last time as units that can be sampled."""
    population.follow_ledger(now=clock.now(), wait=False)


@shared_task(name="qa.sampling.draw")
def draw_samples() -> None:
    """Commit seeds that are due, begin their periods, and draw those that are over."""
    now = clock.now()
    sampling.open_due(now=now)
    sampling.draw_due(now=now)


@shared_task(name="qa.findings.run")
def run_checks() -> None:
    """Check the interactions that ended since the last time."""
    findings.run_due(now=clock.now())


@shared_task(name="qa.findings.judge")
def judge_interactions() -> None:
    """Let the model judge read what the rules have read, where one is set up."""
    findings.judge_next(now=clock.now())


@shared_task(name="qa.findings.licences")
def update_licences() -> None:
    """Look at how the checks fared against reviews of people."""
    findings.update_licences(now=clock.now())


@shared_task(name="qa.disputes.pass_late")
def pass_late_disputes() -> None:
    """Give the disputes that were not decided in time to the next lead."""
    disputes.pass_late(now=clock.now())


@shared_task(name="qa.measurement.follow")
def follow_measured() -> None:
    """Read the ledger on into the rows that the metrics take."""
    measurement.follow_ledger(now=clock.now(), wait=False)


@shared_task(name="qa.measurement.compute")
def compute_metrics() -> None:
    """Compute the numbers that are due."""
    measurement.compute_due(now=clock.now())


@shared_task(name="qa.targets.watch")
def watch_targets() -> None:
    """Hold the computed numbers against the targets: open alerts, and close those over."""
    targets.watch_targets(now=clock.now())


@shared_task(name="qa.digest.send")
def send_digests() -> None:
    """Send the outcomes of the week that is over to those who answer for them."""
    digest.send_digests(now=clock.now())


@shared_task(name="qa.figures.sum")
def sum_days() -> None:
    """Make the sums of the days anew that changed."""
    figures.sum_days(now=clock.now())
