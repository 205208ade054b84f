"""A running journey goes on under the version in force, as its preview says."""

from typing import Any

import pytest

from cases.journeys import services
from cases.journeys.models import CueSheetVersion, Journey
from cases.journeys.selectors import list_movable, list_past
from cases.journeys.types import JourneyState
from cases.memory.models import Case
from cases.playback.services import rerun_case
from governance.access.selectors import authority_of
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import ConflictError
from tests.factories.retail import CANCEL, OLIVIA, SMALL, Centre


def publish(centre: Centre, changed: dict[str, Any]) -> CueSheetVersion:
    """Put a version of the case's cue sheet into force with some steps changed or left out."""
    present = CueSheetVersion.objects.get(cue_sheet__key="cancel_order", state="published")
    steps = [
        {**step, **changed.get(step["key"], {})}
        for step in present.document["steps"]
        if changed.get(step["key"], {}) is not None
    ]
    return services.publish_cue_sheet(
        actor=centre.people["petra"].as_actor(),
        now=centre.clock(),
        document={**present.document, "steps": steps},
    )


def move(centre: Centre, case: Case, digest: str) -> Journey:
    return services.move_journey(
        actor=centre.people["maren"].as_actor(),
        now=centre.clock(),
        case=case,
        journey_id=Journey.objects.get(case=case).public_id,
        reason="The new one asks less.",
        seen_digest=digest,
    )


def test_it_goes_on_under_the_new_version_and_is_run_again_so(centre: Centre, case: Case) -> None:
    centre.identify(case, OLIVIA)
    newer = publish(centre, {"tell": {"title": "Write to the customer", "due_in_minutes": 5}})
    maren = authority_of(centre.people["maren"].as_actor())
    assert [one.case_id for one in list_movable(authority=maren, key="cancel_order")] == [case.pk]
    before = centre.states(case)
    journey = move(centre, case, newer.digest)
    assert (journey.version_id, journey.state) == (newer.pk, JourneyState.RUNNING)
    assert centre.states(case) == before
    assert journey.steps.get(key="tell").title == "Write to the customer"
    assert list_movable(authority=maren, key="cancel_order") == []
    centre.propose(case, "cancel_pending_order", SMALL, evidence=centre.agree(case))
    assert centre.work() == 1
    for step in ("tell", "close"):
        services.complete_step(actor=centre.agent, now=centre.clock(), case=case, step=step)
    journey.refresh_from_db()
    assert journey.state == JourneyState.COMPLETED
    assert rerun_case(case=case).verdict == "equal"
    assert [one.pk for one in list_past(key="cancel_order", most=5)] == [journey.pk]


def test_a_call_under_way_of_a_step_that_changes_keeps_it(centre: Centre, case: Case) -> None:
    centre.identify(case)
    centre.propose(case, "cancel_pending_order", CANCEL, evidence=centre.agree(case))
    newer = publish(centre, {"cancel": {"does": {"tool": "modify_pending_order_items"}}})
    before = LedgerEntry.objects.count()
    with pytest.raises(ConflictError) as caught:
        move(centre, case, newer.digest)
    assert caught.value.error_code == "conflict.step_under_way"
    assert Journey.objects.get(case=case).version.number == 1
    assert LedgerEntry.objects.count() == before


def test_only_what_the_preview_showed_and_only_once(centre: Centre, case: Case) -> None:
    newer = publish(centre, {"tell": {"title": "Write"}})
    with pytest.raises(ConflictError) as stale:
        move(centre, case, "another")
    assert stale.value.error_code == "conflict.version_moved_on"
    move(centre, case, newer.digest)
    with pytest.raises(ConflictError) as same:
        move(centre, case, newer.digest)
    assert same.value.error_code == "conflict.same_version"
