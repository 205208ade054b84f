"""What quality registers at start-up, once however often it is called."""

from django.conf import settings

from governance.ledger.registry import kinds as entry_kinds
from governance.reviews.registry import documents
from qa import tasks, wiring
from qa.sampling.registry import scorecard_keys


def test_connecting_twice_is_harmless() -> None:
    wiring.connect()
    found = {"scorecard", "sampling_plan", "metric_definition", "outcome_target"}
    assert found <= set(documents)
    assert set(scorecard_keys) == {"scorecards"}
    for kind in found:
        assert {f"{kind}.published", f"{kind}.retired"} <= set(entry_kinds)


def test_what_quality_has_on_the_schedule_is_a_task_here() -> None:
    planned = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    known = {task.name for task in vars(tasks).values() if hasattr(task, "delay")}
    assert {name for name in planned if name.startswith("qa.")} <= known
