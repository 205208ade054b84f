"""Thin Celery entries of governance: each calls one service."""

from datetime import timedelta

from celery import Task, shared_task
from django.db import transaction

from governance.access import services as access
from governance.approvals import services as approvals
from governance.controls import services as controls
from governance.controls.services import MAKE_TASK
from governance.evidence import services as evidence
from governance.ledger import services as ledger
from governance.liveness import services as liveness
from governance.notifications import services as notifications
from governance.policies import services as policies
from governance.policies.services.rehearsing import REHEARSE_TASK
from governance.privacy import services as privacy
from governance.privacy.services import ERASE_TASK
from governance.privacy.types import ErasureState
from governance.retention import services as retention
from governance.reviews import services as reviews
from governance.subject_access import services as subject_access
from governance.webhooks import services as webhooks
from orchestra.core import clock


@shared_task(name="governance.ledger.sequence")
def sequence_ledger() -> None:
    """Put waiting entries into the tree and sign a checkpoint."""
    ledger.keep_sequencing(now=clock.now())


@shared_task(name="governance.ledger.index")
def index_ledger() -> None:
    """Read what is new into the index that entries are found by."""
    ledger.index_entries(wait=False)


@shared_task(name="governance.ledger.verify")
def verify_ledger() -> None:
    """Check what came since the last check, once a day the whole ledger."""
    ledger.verify_due(now=clock.now(), whole_after=timedelta(days=1))


@shared_task(name="governance.liveness.sign", bind=True)
def take_sign(self: "Task[[], None]") -> None:
    """Show that a worker takes work, and how its breakers stand; nothing else comes of it."""
    info = self.request.delivery_info or {}
    liveness.record_sign(
        worker=self.request.hostname or "unknown",
        queue=str(info.get("routing_key") or ""),
        now=clock.now(),
    )
    liveness.share_breakers(read_clock=clock.now)


@shared_task(name="governance.approvals.expire")
def expire_approvals() -> None:
    """End the requests whose time is over, remind and escalate; waiting never approves."""
    now = clock.now()
    approvals.expire_due(now=now, batch=200)
    approvals.release_absent(now=now, batch=200)
    approvals.turn_clocks(now=now, batch=200)


@shared_task(name="governance.access.end_due")
def end_grants() -> None:
    """Clear away the roles and grants whose time is over."""
    access.end_due(now=clock.now(), batch=200)


@shared_task(name="governance.approvals.vigilance")
def plant_tests() -> None:
    """Draw and place tests of attention, where the installation and two people agreed to them."""
    now = clock.now()
    approvals.plant_due(now=now, batch=500)
    approvals.place_due(now=now, batch=50)


@shared_task(name=REHEARSE_TASK)
def rehearse(rehearsal_pk: int) -> None:
    """Run a rehearsal for one turn."""
    policies.run_rehearsal(rehearsal_pk=rehearsal_pk)


@shared_task(name="governance.policies.rehearse_due")
def rehearse_due() -> None:
    """Ring for the rehearsals that no worker has."""
    policies.run_due_rehearsals(now=clock.now())


@shared_task(name="governance.policies.shadow")
def follow_shadows() -> None:
    """Compare what was decided with the drafts that run beside the versions in force."""
    policies.follow_shadows()


@shared_task(name="governance.policies.replay_nightly")
def replay_nightly() -> None:
    """Decide a sample of recorded decisions again, once a day."""
    policies.replay_nightly(now=clock.now())


@shared_task(name="governance.reviews.publish")
def publish_changes() -> None:
    """Put the changes in force whose planned time has come."""
    reviews.publish_due(now=clock.now(), batch=50)


@shared_task(name="governance.reviews.expire")
def expire_changes() -> None:
    """End the changes that were not published in their time."""
    reviews.expire_due(now=clock.now(), batch=200)


@shared_task(name="governance.access.forget_sessions")
def forget_sessions() -> None:
    """Delete the rows of sessions that ended by themselves."""
    access.forget_sessions(now=clock.now())


@shared_task(name="governance.notifications.follow")
def follow_ledger() -> None:
    """Tell people, and whoever subscribed, of what is new in the ledger."""
    notifications.follow_ledger(now=clock.now(), wait=False)


@shared_task(name=notifications.SEND_TASK)
def send_notices() -> None:
    """Send the messages whose time has come."""
    notifications.send_due(read_clock=clock.now)


@shared_task(name=webhooks.SEND_TASK)
def send_webhooks() -> None:
    """Send the deliveries whose time has come."""
    webhooks.send_due(read_clock=clock.now)


@shared_task(name=evidence.BUILD_TASK, time_limit=3600, soft_time_limit=3500)
def build_evidence(export_pk: int) -> None:
    """Build an export of evidence for one turn."""
    evidence.run_export(export_pk=export_pk)


@shared_task(name="governance.evidence.build_due")
def build_due_evidence() -> None:
    """Ring for the exports that no worker has; remove files that a dead process left behind."""
    evidence.clear_leftovers()
    evidence.run_due_exports(now=clock.now())


@shared_task(name=ERASE_TASK)
def erase(erasure_pk: int) -> None:
    """Carry out a confirmed erasure, and let the database's files forget it."""
    try:
        done = privacy.run_erasure(erasure_pk=erasure_pk, now=clock.now())
    except privacy.SubjectMovedOnError:
        # Nothing was erased; the next round finds it again.
        return
    if done is ErasureState.DONE:
        transaction.on_commit(privacy.compact)


@shared_task(name="governance.privacy.due")
def keep_privacy() -> None:
    """Ring for erasures that nobody carried out; end what nobody confirmed in time."""
    now = clock.now()
    privacy.run_due_erasures()
    privacy.expire_erasures(now=now, batch=200)
    privacy.expire_holds(now=now, batch=200)


@shared_task(name=subject_access.SUBJECT_TASK, time_limit=3600, soft_time_limit=3500)
def build_subject_export(export_pk: int) -> None:
    """Put together what is held about a person."""
    subject_access.build_export(export_pk=export_pk)


@shared_task(name="governance.subject_access.build_due")
def build_due_subject_exports() -> None:
    """Put together what no worker did; remove files that a dead process left behind."""
    subject_access.clear_leftovers()
    subject_access.build_due()


@shared_task(name=retention.RETENTION_TASK, time_limit=3600, soft_time_limit=3500)
def run_retention(run_pk: int) -> None:
    """Go on with a run of retention for one turn."""
    retention.run_retention(run_pk=run_pk)


@shared_task(name="governance.retention.run_due")
def run_due_retention() -> None:
    """Begin the night's run, and ring for runs that no worker has."""
    retention.run_due(now=clock.now())


@shared_task(name=MAKE_TASK)
def make_reports() -> None:
    """Make the reports over long spans that somebody asked for."""
    controls.make_asked(now=clock.now())
