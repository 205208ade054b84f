"""The worker's entries of governance do what the schedule asks of them."""

from datetime import timedelta

import pytest
from django.conf import settings

from governance import tasks
from governance.policies import registry
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from orchestra.core import clock
from tests.factories.reviews import approve, know_tools, make_people, put_in_force, submit_change


def test_what_governance_has_on_the_schedule_is_a_task_here() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {name for name in planned if name.startswith("governance.")} == {
        tasks.sequence_ledger.name,
        tasks.make_reports.name,
        tasks.index_ledger.name,
        tasks.verify_ledger.name,
        tasks.expire_approvals.name,
        tasks.end_grants.name,
        tasks.take_sign.name,
        tasks.publish_changes.name,
        tasks.expire_changes.name,
        tasks.plant_tests.name,
        tasks.rehearse_due.name,
        tasks.follow_shadows.name,
        tasks.replay_nightly.name,
        tasks.forget_sessions.name,
        tasks.follow_ledger.name,
        tasks.send_notices.name,
        tasks.send_webhooks.name,
        tasks.build_due_evidence.name,
        tasks.keep_privacy.name,
        tasks.run_due_retention.name,
        tasks.build_due_subject_exports.name,
    }


@pytest.mark.django_db
def test_the_worker_publishes_what_is_due_and_ends_what_lapsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry.tool_names, "_items", {})
    monkeypatch.setattr(registry.tool_risks, "_items", {})
    know_tools()
    put_in_force()
    people, now = make_people(), clock.now()
    change = approve(submit_change(people.author, now=now), people.officer, now=now)
    lapsed = submit_change(people.author, now=now)
    services.schedule(
        actor=people.owner.as_actor(),
        now=now,
        change_id=change.public_id,
        publish_at=now + timedelta(hours=1),
    )
    tasks.publish_changes()
    change.refresh_from_db()
    assert change.state == "scheduled"
    ChangeRequest.objects.filter(pk=change.pk).update(publish_at=now)
    ChangeRequest.objects.filter(pk=lapsed.pk).update(expires_at=now)
    tasks.expire_changes()
    tasks.publish_changes()
    change.refresh_from_db()
    lapsed.refresh_from_db()
    assert (change.state, change.published_number, lapsed.state) == ("published", 2, "expired")
