"""A rehearsal runs in steps, survives its worker, can be stopped, and is bound by digests."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.access.types import Role
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.policies import selectors
from governance.policies.changes import Filters
from governance.policies.models import DecisionRecord, PolicyVersion, Rehearsal, RehearsedDecision
from governance.policies.services import (
    cancel_rehearsal,
    run_due_rehearsals,
    run_rehearsal,
    start_rehearsal,
)
from governance.policies.services.rehearsing import REHEARSE_TASK, starting
from governance.policies.services.rehearsing import running as module
from governance.policies.types import RehearsalState, Subject
from orchestra.core import turns
from orchestra.core.actors import Actor, ActorKind, system
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.factories.access import make_person
from tests.factories.policies import make_document, make_facts
from tests.governance.policies.test_services_deciding import decide, publish

pytestmark = pytest.mark.django_db

#: What asks above 30 dollars, and no longer where the AI is unsure.
DRAFT = make_document(
    rules=[
        {
            "id": "large",
            "title": "More than 30 dollars",
            "when": [{"fact": "amount_minor", "above": 3000}],
            "outcome": "approve",
            "reason": "It is much.",
        }
    ]
)


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was rung for."""
    sent: list[tuple[Any, ...]] = []
    for each in (module, starting, turns):
        monkeypatch.setattr(each, "enqueue", lambda name, *args: sent.append((name, *args)))
    return sent


def record(now: datetime, count: int = 6) -> list[DecisionRecord]:
    """Decisions of 10, 20 … dollars; the last is one that the AI was unsure of."""
    return [
        decide(
            now + timedelta(minutes=number),
            make_facts(
                amount_minor=1000 * number,
                confidence=0.5 if number == count else 0.9,
                customer_bound=True,
            ),
            subject=Subject(kind="tool_call", id=f"call-{number}", stream="case:c-1"),
        ).record
        for number in range(1, count + 1)
    ]


def start(now: datetime, **changes: Any) -> Rehearsal:
    given: dict[str, Any] = {
        "actor": system("test"),
        "policy_key": "refunds",
        "document": DRAFT,
        "since": now - timedelta(days=1),
    }
    return start_rehearsal(now=now + timedelta(hours=1), **{**given, **changes})


def run(rehearsal: Rehearsal, now: datetime, **more: Any) -> RehearsalState:
    state = run_rehearsal(
        rehearsal_pk=rehearsal.pk, read_clock=lambda: now + timedelta(hours=2), **more
    )
    rehearsal.refresh_from_db()
    return state


def payload(kind: str) -> dict[str, Any]:
    row = EntryPayload.objects.get(entry__kind=kind)
    found: dict[str, Any] = json.loads(bytes(row.body))
    return found


def test_it_says_what_the_draft_would_have_done(now: datetime, rung: list[Any]) -> None:
    version = publish(now)
    records = record(now)
    rehearsal = start(now)
    assert (rehearsal.state, rehearsal.total, rung) == (
        RehearsalState.QUEUED,
        6,
        [(REHEARSE_TASK, rehearsal.pk)],
    )
    assert run(rehearsal, now) is RehearsalState.DONE
    result = rehearsal.result
    assert result is not None
    assert (rehearsal.done, result["decisions"], result["compared"]) == (6, 6, 6)
    assert result["base"] == {"refunds": [1, version.digest]}
    assert result["draft"] == rehearsal.document_digest
    changed = {cell: n for cell, n in result["matrix"].items() if len(set(cell.split(">"))) == 2}
    cases = RehearsedDecision.objects.order_by("pk")
    assert (
        sum(changed.values())
        == cases.filter(votes_after__gte=0).exclude(cell__in=["approve>approve", "lacking"]).count()
    )
    listed = selectors.list_rehearsed(rehearsal=rehearsal, cell="allow>approve")
    assert [case.record for case in listed] == sorted(
        [each for each in records if each.pk in set(listed.values_list("record_id", flat=True))],
        key=lambda each: -each.pk,
    )
    finished = payload("rehearsal.finished")
    assert finished["result"] == rehearsal.result_digest
    assert finished["changed"] == cases.count()
    assert payload("rehearsal.started")["total"] == 6


def test_the_digest_is_that_of_exactly_this_document(now: datetime) -> None:
    publish(now)
    record(now)
    rehearsal = start(now)
    held = rehearsal.document_digest
    asked = {"policy_key": "refunds", "document_digest": held}
    assert selectors.rehearsed_digest(**asked) is None
    run(rehearsal, now)
    assert selectors.rehearsed_digest(**asked) == rehearsal.result_digest
    assert selectors.rehearsed_digest(policy_key="refunds", document_digest="0" * 64) is None
    again = start(now)
    run(again, now)
    # The same draft on the same records comes to the same, to the byte.
    assert again.result_digest == rehearsal.result_digest


def test_chunks_and_workers_change_nothing_of_the_result(now: datetime) -> None:
    publish(now)
    record(now)
    whole, parts = start(now), start(now)
    run(whole, now)
    assert run(parts, now, chunk=1) is RehearsalState.DONE
    assert parts.result == whole.result
    assert parts.cases.count() == whole.cases.count()


def test_a_dead_worker_is_taken_over_where_it_stopped(
    now: datetime, rung: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(now)
    record(now)
    whole, rehearsal = start(now), start(now)
    run(whole, now)
    real = module._step
    die_after(2, monkeypatch)
    with pytest.raises(SystemExit):
        run(rehearsal, now, chunk=2)
    monkeypatch.setattr(module, "_step", real)
    rehearsal.refresh_from_db()
    assert (rehearsal.state, rehearsal.done, rehearsal.attempt) == ("running", 2, 1)
    assert run(rehearsal, now) is RehearsalState.RUNNING  # its lease still holds
    later = now + timedelta(hours=3)
    rung.clear()
    assert run_due_rehearsals(now=later) == 1
    assert rung == [(REHEARSE_TASK, rehearsal.pk)]
    assert run_rehearsal(rehearsal_pk=rehearsal.pk, read_clock=lambda: later) == "done"
    rehearsal.refresh_from_db()
    assert (rehearsal.attempt, rehearsal.done, rehearsal.result) == (2, 6, whole.result)


def die_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., bool] = module._step
    left = [steps]

    def step(*args: Any) -> bool:
        left[0] -= 1
        if not left[0]:
            raise SystemExit
        return real(*args)

    monkeypatch.setattr(module, "_step", step)


def test_a_worker_that_was_taken_over_writes_nothing(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(now)
    record(now)
    rehearsal = start(now)
    real: Callable[..., bool] = module._step

    def step(mine: Rehearsal, *args: Any) -> bool:
        monkeypatch.setattr(module, "_step", real)
        run_rehearsal(rehearsal_pk=mine.pk, read_clock=lambda: now + timedelta(hours=3))
        return real(mine, *args)

    monkeypatch.setattr(module, "_step", step)
    assert run(rehearsal, now) is RehearsalState.DONE
    assert (rehearsal.attempt, rehearsal.done) == (2, 6)
    assert LedgerEntry.objects.filter(kind="rehearsal.finished").count() == 1


def test_it_yields_and_rings_for_its_next_turn(now: datetime, rung: list[Any]) -> None:
    publish(now)
    record(now)
    rehearsal = start(now)
    rung.clear()
    ticks = iter(now + timedelta(hours=2, minutes=n) for n in range(50))
    assert run_rehearsal(rehearsal_pk=rehearsal.pk, read_clock=lambda: next(ticks), chunk=2) == (
        "running"
    )
    assert rung == [(REHEARSE_TASK, rehearsal.pk)]
    rehearsal.refresh_from_db()
    assert (rehearsal.done, rehearsal.lease_until_at) == (2, None)
    assert run(rehearsal, now) is RehearsalState.DONE


def test_it_can_be_cancelled_and_is_then_no_result(now: datetime) -> None:
    publish(now)
    record(now)
    rehearsal = start(now)
    cancel_rehearsal(actor=system("test"), now=now, rehearsal_pk=rehearsal.pk)
    assert run(rehearsal, now) is RehearsalState.CANCELLED
    assert rehearsal.result is None
    assert payload("rehearsal.cancelled")["done"] == 0
    with pytest.raises(ConflictError):
        cancel_rehearsal(actor=system("test"), now=now, rehearsal_pk=rehearsal.pk)
    assert run_due_rehearsals(now=now + timedelta(days=1)) == 0


def test_an_action_decided_twice_alike_counts_once(now: datetime) -> None:
    publish(now)
    for minutes in (1, 2, 3):
        decide(now + timedelta(minutes=minutes))
    assert start(now).total == 1


def test_what_is_in_force_when_it_begins_is_what_it_compares_with(now: datetime) -> None:
    publish(now)
    record(now)
    rehearsal = start(now)
    publish(now + timedelta(minutes=30), rules=[])
    run(rehearsal, now)
    assert rehearsal.result is not None
    assert rehearsal.result["decided_again"] == 0


def test_a_base_that_cannot_be_read_fails_and_says_so(now: datetime) -> None:
    version = publish(now)
    record(now)
    rehearsal = start(now)
    PolicyVersion.objects.filter(pk=version.pk).update(document={"key": "refunds"})
    assert run(rehearsal, now) is RehearsalState.FAILED
    assert rehearsal.problem == "Version 1 of the policy refunds cannot be read."
    assert rehearsal.result is None


def test_filters_and_span_narrow_it(now: datetime) -> None:
    publish(now)
    record(now)
    rehearsal = start(now, filters=Filters(queue="nowhere"))
    run(rehearsal, now)
    assert rehearsal.result is not None
    assert (rehearsal.result["compared"], rehearsal.result["left_out"]) == (0, 6)
    assert start(now, since=now + timedelta(minutes=4)).total == 3


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"policy_key": "other"}, ["other_policy"]),
        ({"since": datetime(2030, 1, 1, tzinfo=UTC)}, ["range"]),
        ({"document": {"key": "refunds"}}, None),
    ],
)
def test_a_wrong_draft_or_span_is_refused(
    now: datetime, changes: dict[str, Any], codes: list[str] | None
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        start(now, **changes)
    if codes is not None:
        assert [error.code for error in caught.value.errors] == codes
    assert caught.value.errors
    assert Rehearsal.objects.count() == 0


def test_only_who_may_edit_policies_begins_and_cancels(now: datetime) -> None:
    owner = make_person("", roles=[Role.POLICY_OWNER])
    other = make_person("", roles=[Role.QA_LEAD])
    rehearsal = start(now, actor=owner.as_actor())
    assert rehearsal.by_id == str(owner.public_id)
    with pytest.raises(NotPermittedError):
        start(now, actor=other.as_actor())
    with pytest.raises(NotPermittedError):
        cancel_rehearsal(actor=other.as_actor(), now=now, rehearsal_pk=rehearsal.pk)
    bot = Actor(kind=ActorKind.AGENT, id="bot", label="Bot")
    with pytest.raises(NotPermittedError):
        start(now, actor=bot)
    assert Rehearsal.objects.count() == 1


def test_queries_do_not_grow_with_the_decisions(now: datetime) -> None:
    publish(now)
    record(now)
    first, counts = start(now), []
    record(now + timedelta(minutes=10), 3)
    for rehearsal in (first, start(now)):
        with CaptureQueriesContext(connection) as captured:
            run(rehearsal, now)
        counts.append(len([q for q in captured if "SAVEPOINT" not in q["sql"]]))
    assert counts[0] == counts[1]


def test_what_does_not_exist_is_not_run() -> None:
    with pytest.raises(ObjectDoesNotExist):
        run_rehearsal(rehearsal_pk=0)
