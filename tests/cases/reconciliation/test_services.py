"""The rows, the ledger and the system of record are held against each other."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.memory.models import Interaction
from cases.reconciliation import selectors
from cases.reconciliation.entries import DIFFERENCE_EXPLAINED, RECONCILED
from cases.reconciliation.models import Difference
from cases.reconciliation.services import explain, reconcile
from cases.reconciliation.types import Gap
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from tests.cases.tools.conftest import World
from tests.factories.access import make_person
from tests.factories.cases import make_message
from tests.factories.ledger import without_guards

REFUND: dict[str, Any] = {"order_id": "#W1", "amount": 900.0}


def differences() -> set[tuple[str, str, str]]:
    rows = Difference.objects.filter(gone_at__isnull=True)
    return set(rows.values_list("gap", "subject_id", "wanted"))


def ran(world: World, order_id: str = "#W1") -> ToolCall:
    call = world.propose("note_seen", {"order_id": order_id})
    assert world.execute(call) is CallState.SUCCEEDED
    return call


def approved(world: World) -> ToolCall:
    call = world.propose("refund_order", REFUND)
    world.approve(call)
    assert world.execute(call) is CallState.SUCCEEDED
    return call


def test_work_as_it_should_be_shows_no_difference(world: World) -> None:
    ran(world)
    approved(world)
    world.propose("refund_order", {**REFUND, "amount": 901.0})

    done = reconcile(now=world.clock(), whole=True, ask=10)

    assert (done.found, differences()) == (0, set())
    assert done.effects >= 5
    assert done.entries >= 15
    entry = LedgerEntry.objects.get(kind=RECONCILED)
    assert entry.subject_id == str(done.public_id)


@pytest.mark.parametrize("kind", ["tool_call.proposed", "execution.claimed", "tool_call.succeeded"])
def test_an_effect_without_its_entry_is_found(world: World, kind: str) -> None:
    call = approved(world)
    with without_guards():
        rows = LedgerEntry.objects.filter(kind=kind, subject_id=str(call.public_id))
        rows.update(subject_id="another")

    reconcile(now=world.clock(), whole=True)

    assert (Gap.ENTRY_MISSING, str(call.public_id), kind) in differences()


def test_an_entry_of_what_never_was_is_found(world: World) -> None:
    with one_act():
        append_entry(
            actor=world.agent,
            now=world.clock(),
            draft=EntryDraft(
                stream=world.case.stream,
                kind="tool_call.succeeded",
                subject_kind="tool_call",
                subject_id="01a22498-0000-7000-8000-000000000000",
            ),
        )

    reconcile(now=world.clock())

    ghost = "01a22498-0000-7000-8000-000000000000"
    assert differences() == {
        (Gap.EFFECT_MISSING, ghost, "tool_call"),
        (Gap.CAUSE_MISSING, ghost, "tool_call.succeeded"),
    }
    assert {row.case_public_id for row in Difference.objects.all()} == {str(world.case.public_id)}


def test_a_row_that_somebody_changed_is_found(world: World) -> None:
    call = world.propose("refund_order", REFUND)
    ToolCall.objects.filter(pk=call.pk).update(state=CallState.SUCCEEDED, attempt=1)

    reconcile(now=world.clock(), whole=True)

    found = {(gap, wanted) for gap, _id, wanted in differences()}
    assert (Gap.ENTRY_MISSING, "execution.claimed") in found
    assert (Gap.ENTRY_MISSING, "tool_call.succeeded") in found


def test_a_message_that_nobody_recorded_is_found(world: World) -> None:
    Interaction.objects.create(case=world.case, channel="chat", started_at=world.clock())
    message = make_message(world.case)

    reconcile(now=world.clock(), whole=True)

    assert (Gap.ENTRY_MISSING, str(message.public_id), "message.added") in differences()


def test_the_system_of_record_is_asked(world: World) -> None:
    lost, extra = ran(world), ran(world, "#W2")
    del world.store.answers[lost.effect_key]
    ToolCall.objects.filter(pk=extra.pk).update(state=CallState.FAILED)

    done = reconcile(now=world.clock(), whole=True, ask=10)

    found = {(gap, each) for gap, each, _wanted in differences()}
    assert done.asked == 2
    assert (Gap.NOT_IN_SYSTEM, str(lost.public_id)) in found
    assert (Gap.ONLY_IN_SYSTEM, str(extra.public_id)) in found


def test_a_system_that_does_not_answer_is_no_difference(world: World) -> None:
    ran(world)
    world.store.lookup_fails = True

    done = reconcile(now=world.clock(), whole=True, ask=10)

    assert (done.asked, done.silent, done.found) == (0, 1, 0)


def test_a_difference_is_kept_once_and_goes_when_it_is_gone(world: World) -> None:
    call = world.propose("refund_order", REFUND)
    ToolCall.objects.filter(pk=call.pk).update(attempt=1)
    for _ in range(2):
        reconcile(now=world.clock.tick(60), whole=True)
    (row,) = Difference.objects.all()
    assert row.wanted == "execution.claimed"

    ToolCall.objects.filter(pk=call.pk).update(attempt=0)
    reconcile(now=world.clock.tick(60))
    assert selectors.count_unexplained() == 1
    reconcile(now=world.clock.tick(60), whole=True)

    row.refresh_from_db()
    assert row.gone_at == world.clock()
    assert selectors.count_unexplained() == 0


def test_a_partial_comparison_looks_at_what_is_new(world: World) -> None:
    old = ran(world)
    reconcile(now=world.clock.tick(3 * 3600), whole=True)
    with without_guards():
        LedgerEntry.objects.filter(subject_id=str(old.public_id)).update(subject_id="another")
    fresh = ran(world)
    ToolCall.objects.filter(pk=fresh.pk).update(attempt=5)

    done = reconcile(now=world.clock.tick(1))

    assert done.since_at is not None
    ids = {subject for _gap, subject, _wanted in differences()}
    assert str(fresh.public_id) in ids
    assert str(old.public_id) not in ids


def test_a_person_explains_and_it_stands_in_the_ledger(world: World) -> None:
    ToolCall.objects.filter(pk=world.propose("refund_order", REFUND).pk).update(attempt=1)
    reconcile(now=world.clock(), whole=True)
    (row,) = Difference.objects.all()
    officer = make_person("", roles=[Role.COMPLIANCE_OFFICER]).as_actor()
    acts = {"now": world.clock(), "difference_id": row.public_id}

    with pytest.raises(InvalidInputError):
        explain(actor=officer, explanation="  ", **acts)
    with pytest.raises(NotPermittedError):
        explain(actor=world.supervisor.as_actor(), explanation="Known.", **acts)
    explain(actor=officer, explanation="Restored from the backup of 3 November.", **acts)
    with pytest.raises(ConflictError):
        explain(actor=officer, explanation="Again.", **acts)

    assert selectors.count_unexplained() == 0
    assert LedgerEntry.objects.filter(kind=DIFFERENCE_EXPLAINED, actor_id=officer.id).count() == 1
    reconcile(now=world.clock.tick(60), whole=True)
    assert selectors.count_unexplained() == 0


def test_an_agent_does_not_check_the_ledger(world: World) -> None:
    with pytest.raises(NotPermittedError):
        reconcile(now=world.clock(), actor=world.agent)
    with pytest.raises(NotPermittedError):
        reconcile(now=world.clock(), actor=world.supervisor.as_actor())


def test_the_questions_do_not_grow_with_the_rows(world: World) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            reconcile(now=world.clock(), whole=True)
        return len(captured)

    ran(world)
    count()
    before = count()
    for order_id in ("#W2", "#W1", "#W2"):
        ran(world, order_id)
    assert count() == before


def test_the_command_fails_while_something_is_unexplained(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    ran(world)
    call_command("reconcile", "--json", "--ask", "0")
    assert '"unexplained": 0' in capsys.readouterr().out
    ToolCall.objects.update(attempt=9)
    with pytest.raises(CommandError, match="1 differences are unexplained"):
        call_command("reconcile")
