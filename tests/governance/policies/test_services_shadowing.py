"""A draft runs beside the version in force, is told what was decided, and changes nothing of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.policies import selectors
from governance.policies.models import DecisionRecord, Rehearsal
from governance.policies.services import (
    follow_shadows,
    run_due_rehearsals,
    start_shadow,
    stop_shadow,
)
from governance.policies.services.rehearsing import shadowing
from governance.policies.types import RehearsalState, ShadowEnd
from governance.reviews import services
from governance.reviews.models import ChangeRequest
from governance.reviews.types import ChangeState
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
)
from tests.factories.rehearsals import DAY, record_lookups, rehearse
from tests.factories.reviews import (
    NOW,
    People,
    approve,
    make_text,
    open_change,
    publish,
    put_in_force,
    submit_change,
)
from tests.governance.policies.test_services_rehearsing_changes import STRICTER, entries
from tests.governance.reviews.conftest import _nothing_above, people  # noqa: F401  by name

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=5)
LATE = NOW + timedelta(hours=2)


@pytest.fixture
def change(people: People) -> ChangeRequest:  # noqa: F811  the fixture
    put_in_force()
    return open_change(people.author, STRICTER)


def start(change: ChangeRequest, people: People, **given: Any) -> Rehearsal:  # noqa: F811
    asked = {"now": NOW, "until": NOW + 7 * DAY, **given}
    return start_shadow(actor=people.author.as_actor(), change_id=change.public_id, **asked)


def follow(at: datetime = LATE, **more: Any) -> int:
    return follow_shadows(read_clock=lambda: at, **more)


def counts(shadow: Rehearsal) -> dict[str, int]:
    shadow.refresh_from_db()
    found: dict[str, int] = shadow.tally["matrix"]
    return found


def test_what_is_decided_from_now_on_is_compared(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    record_lookups(at=NOW - DAY)
    shadow = start(change, people)
    assert selectors.find_shadow(change=change) == shadow
    records = record_lookups(at=SOON)
    assert follow() == 6
    assert counts(shadow) == {"allow>allow": 3, "verify>deny": 3}
    assert (shadow.state, shadow.done, shadow.cases.count()) == ("running", 6, 3)
    keys = selectors.list_rehearsed_keys(rehearsal=shadow, cell="verify>deny")
    behind = [one.record for one in selectors.list_rehearsed_by_keys(keys)]
    assert behind == records[:2:-1]
    # Nothing is counted twice, and what comes later is.
    assert follow() == 0
    record_lookups(2, at=LATE + timedelta(minutes=1))
    assert follow(LATE + timedelta(hours=1)) == 2
    assert counts(shadow)["allow>allow"] == 5
    [started] = entries("shadow.started")
    assert (started["policy"], started["change"]) == ("lookups", change.label)


def test_it_affects_no_outcome_and_asks_nothing_on_the_way(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    record_lookups(1, at=NOW - DAY)
    with CaptureQueriesContext(connection) as alone:
        without = record_lookups(at=NOW - timedelta(hours=1))
    start(change, people)
    with CaptureQueriesContext(connection) as beside:
        within = record_lookups(at=NOW + timedelta(hours=1))
    follow(NOW + timedelta(hours=3))
    assert len(beside) == len(alone)
    assert [one.outcome for one in within] == [one.outcome for one in without]
    bodies = [
        bytes(one.body) for one in DecisionRecord.objects.filter(pk__in=[r.pk for r in within])
    ]
    assert [body.partition(b',"facts"')[2] for body in bodies] == [
        bytes(one.body).partition(b',"facts"')[2] for one in without
    ]


def test_a_decision_still_being_written_is_waited_for(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    shadow = start(change, people)
    record_lookups(1, at=SOON)
    assert follow(SOON + timedelta(seconds=15)) == 0
    # Begun before, written after the first look: the key is higher, the moment is not.
    record_lookups(1, at=SOON - timedelta(seconds=10))
    assert follow(SOON + shadowing.SETTLE + timedelta(seconds=1)) == 2
    assert counts(shadow) == {"allow>allow": 2}


@pytest.mark.parametrize("chunk", [1, 2, 6, 7])
def test_chunks_change_nothing(change: ChangeRequest, people: People, chunk: int) -> None:  # noqa: F811
    shadow = start(change, people)
    record_lookups(3, at=SOON)
    # Several at one moment: the key tells them apart.
    record_lookups(3, at=SOON + timedelta(minutes=1))
    assert follow(chunk=chunk) == 6
    assert sum(counts(shadow).values()) == 6
    assert follow(chunk=chunk) == 0


def test_it_ends_at_its_time_with_all_that_was_decided_before(
    change: ChangeRequest,
    people: People,  # noqa: F811
) -> None:
    shadow = start(change, people, until=NOW + timedelta(minutes=10))
    record_lookups(2, at=NOW + timedelta(minutes=8, seconds=50))
    follow(NOW + timedelta(minutes=10, seconds=5))
    assert counts(shadow) == {"allow>allow": 1}
    record_lookups(1, at=NOW + timedelta(minutes=11))
    follow(LATE)
    assert counts(shadow) == {"allow>allow": 2}
    assert (shadow.state, shadow.ended_by) == (RehearsalState.DONE, ShadowEnd.TIME)
    [ended] = entries("shadow.ended")
    assert (ended["done"], ended["changed"], ended["why"]) == (2, 0, "time")
    assert ended["result"] == shadow.result_digest
    assert follow(LATE) == 0


def test_an_edit_ends_it(change: ChangeRequest, people: People) -> None:  # noqa: F811
    shadow = start(change, people)
    services.save_draft(
        actor=people.owner.as_actor(),
        now=SOON,
        change_id=change.public_id,
        document=make_text("other"),
        seen_digest=change.digest,
    )
    record_lookups(at=SOON)
    assert follow() == 0
    shadow.refresh_from_db()
    assert (shadow.state, shadow.ended_by, shadow.done) == ("done", ShadowEnd.EDITED, 0)


def test_withdrawing_and_publishing_end_it(people: People) -> None:  # noqa: F811
    put_in_force()
    gone, kept = open_change(people.author, STRICTER), submit_change(people.author, STRICTER)
    first, second = start(gone, people), start(kept, people)
    services.withdraw(actor=people.author.as_actor(), now=SOON, change_id=gone.public_id)
    record_lookups(2, at=SOON)
    follow()
    first.refresh_from_db()
    assert first.ended_by == ShadowEnd.CLOSED
    assert counts(second) == {"allow>allow": 2}
    rehearse(kept, people.author, now=LATE)
    assert publish(approve(kept, people.officer), people.owner).state == ChangeState.PUBLISHED
    record_lookups(2, at=LATE)
    assert follow(LATE + timedelta(hours=1)) == 0
    second.refresh_from_db()
    assert (second.ended_by, second.done) == (ShadowEnd.CLOSED, 2)


def test_another_version_in_force_ends_it(change: ChangeRequest, people: People) -> None:  # noqa: F811
    shadow = start(change, people)
    put_in_force(make_text("between"))
    record_lookups(at=SOON)
    follow()
    shadow.refresh_from_db()
    assert (shadow.ended_by, shadow.done) == (ShadowEnd.MOVED, 0)


def test_a_person_stops_it(change: ChangeRequest, people: People) -> None:  # noqa: F811
    shadow = start(change, people)
    record_lookups(at=SOON)
    follow()

    def stop(by: Any) -> Rehearsal:
        return stop_shadow(actor=by.as_actor(), now=LATE, change_id=change.public_id)

    with pytest.raises(NotPermittedError):
        stop(people.officer)
    assert stop(people.owner) == shadow
    shadow.refresh_from_db()
    assert (shadow.state, shadow.ended_by, shadow.ended_at) == ("done", "stopped", LATE)
    assert shadow.result is not None
    assert shadow.result["compared"] == 6
    with pytest.raises(ConflictError) as twice:
        stop(people.owner)
    assert twice.value.error_code == "shadow.off"
    assert follow(LATE + DAY) == 0


def test_who_may_start_one_and_how(change: ChangeRequest, people: People) -> None:  # noqa: F811
    with pytest.raises(NotPermittedError):
        start_shadow(
            actor=people.officer.as_actor(), now=NOW, change_id=change.public_id, until=LATE
        )
    for until in (NOW, NOW + 91 * DAY):
        with pytest.raises(InvalidInputError):
            start(change, people, until=until)
    start(change, people)
    with pytest.raises(ConflictError) as twice:
        start(change, people)
    assert twice.value.error_code == "shadow.runs"
    assert Rehearsal.objects.count() == 1


def test_it_is_no_rehearsal(change: ChangeRequest, people: People) -> None:  # noqa: F811
    shadow = start(change, people)
    record_lookups(at=SOON)
    # No worker that runs rehearsals takes it, and no change is bound to it.
    assert run_due_rehearsals(now=LATE) == 0
    follow()
    stop_shadow(actor=people.author.as_actor(), now=LATE, change_id=change.public_id)
    change.refresh_from_db()
    assert (change.rehearsal_digest, change.report_digest) == ("", "")
    assert selectors.find_latest_rehearsal(change=change) is None
    assert list(selectors.list_rehearsals(policy_key="lookups")) == []
    with pytest.raises(NotFoundError):
        selectors.get_rehearsal(rehearsal_id=shadow.public_id)


def test_a_worker_that_was_taken_over_writes_nothing(
    change: ChangeRequest,
    people: People,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shadow = start(change, people)
    record_lookups(at=SOON)
    real = shadowing.compare_records

    def slow(found: Rehearsal, *given: Any) -> Any:
        Rehearsal.objects.filter(pk=found.pk).update(attempt=found.attempt + 1)
        return real(found, *given)

    monkeypatch.setattr(shadowing, "compare_records", slow)
    follow()
    shadow.refresh_from_db()
    assert (shadow.done, shadow.tally["compared"], shadow.cases.count()) == (0, 0, 0)
    monkeypatch.setattr(shadowing, "compare_records", real)
    assert follow(LATE + timedelta(minutes=5)) == 6
