"""A run removes what its periods name, keeps what is held, and says so once."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from cases.memory.models import Case, Message
from governance.access.models import User
from governance.access.types import Role, StepUpProof
from governance.ledger.models import EntryPayload, LedgerEntry
from governance.ledger.selectors import payload_of
from governance.ledger.services import verify
from governance.notifications.models import Notice
from governance.privacy.services import Cover, ask_hold, withdraw_hold
from governance.privacy.types import HoldScope
from governance.retention import selectors, services
from governance.retention.models import RetentionPeriod, RetentionRun
from governance.retention.services import running
from governance.retention.types import RunState
from orchestra.core.actors import system
from orchestra.core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    OrchestraError,
)
from tests.conftest import NOW
from tests.factories.access import make_person
from tests.factories.cases import make_case, make_message
from tests.governance.retention.scene import DAY, LONG_AGO, Kept, make_answer, make_kept

PROOF = StepUpProof(at=NOW, method="test")
KEEPER = system("retention")


@pytest.fixture
def ilse(transactional_db: None) -> User:
    del transactional_db
    return make_person("ilse", roles=[Role.COMPLIANCE_OFFICER])


@pytest.fixture
def kept(ilse: User) -> Kept:
    del ilse
    return make_kept()


def run() -> RetentionRun:
    return services.run_whole(actor=KEEPER, now=NOW, read_clock=lambda: NOW)


def ran() -> list[LedgerEntry]:
    return list(LedgerEntry.objects.filter(kind="retention.ran"))


def texts_of(case: Case) -> list[str]:
    return list(Message.objects.filter(case=case).order_by("pk").values_list("text", flat=True))


def test_what_is_over_goes_and_what_is_not_stays(kept: Kept) -> None:
    leaves = dict(LedgerEntry.objects.values_list("id", "leaf_bytes"))
    done = run()
    assert done.state == RunState.DONE
    assert texts_of(kept.old) == ["", ""]
    assert len([text for text in texts_of(kept.lately) if text]) == 2
    assert len([text for text in texts_of(kept.open) if text]) == 2
    kept.old.refresh_from_db()
    assert (kept.old.subject, kept.old.external_ref) == ("", None)
    assert not EntryPayload.objects.filter(
        entry__stream=kept.old.stream, entry__kind="message.added"
    ).exists()
    assert not Notice.objects.filter(pk=kept.notice.pk).exists()
    kept.answer.refresh_from_db()
    assert (kept.answer.body, kept.answer.headers, kept.answer.status) == (None, {}, 201)
    for key, leaf in leaves.items():
        assert bytes(LedgerEntry.objects.get(pk=key).leaf_bytes) == bytes(leaf)
    assert verify(now=NOW).problems == ()


def test_a_run_is_one_entry_with_counts_by_class(kept: Kept) -> None:
    del kept
    run()
    (entry,) = ran()
    told = payload_of(entry=entry)
    assert told is not None
    counts = {one["name"]: (one["days"], one["gone"], one["held"]) for one in told["classes"]}
    assert counts["case_words"] == (730, 3, 0)
    assert counts["notices"] == (90, 1, 0)
    assert counts["evidence_files"] == (30, 0, 0)
    assert set(told["classes"][0]) == {"name", "days", "gone", "held"}
    assert told["oldest"] == selectors.rules.rfc3339(NOW - DAY)
    assert (told["gone"], told["held"]) == (sum(one[1] for one in counts.values()), 0)


def test_a_second_run_removes_nothing_more(kept: Kept) -> None:
    run()
    entries = LedgerEntry.objects.filter(stream=kept.old.stream).count()
    again = run()
    assert sum(one.gone for one in selectors.figures_of(again)) == 0
    assert LedgerEntry.objects.filter(stream=kept.old.stream).count() == entries


def test_a_case_says_that_retention_took_its_words(kept: Kept) -> None:
    run()
    erased = LedgerEntry.objects.filter(stream=kept.old.stream, kind="subject.erased")
    told = [payload_of(entry=entry) or {} for entry in erased.order_by("seq")]
    assert {(one["reason"], one["class"], one["count"]) for one in told} == {
        ("retention", "case_history", 1),
        ("retention", "case_words", 3),
    }


def test_what_a_hold_keeps_stays_and_goes_once_it_is_lifted(kept: Kept, ilse: User) -> None:
    hold = ask_hold(
        actor=ilse.as_actor(),
        now=NOW,
        cover=Cover(HoldScope.CUSTOMER, kept.old.customer.ref if kept.old.customer else ""),
        reason="Claim",
        reference="4 O 12/26",
    )
    figures = {one.name: one for one in selectors.figures_of(run())}
    assert texts_of(kept.old) == ["I am Mia Garcia.", "mia@example.com is my address."]
    assert figures["case_words"].held_by == {hold.number: 3}
    assert figures["case_words"].oldest == LONG_AGO
    withdraw_hold(actor=ilse.as_actor(), now=NOW, hold_id=hold.public_id)
    run()
    assert texts_of(kept.old) == ["", ""]


def test_a_dry_run_counts_the_same_and_changes_nothing(kept: Kept, ilse: User) -> None:
    before = LedgerEntry.objects.count(), EntryPayload.objects.count()
    dry = services.start_run(actor=ilse.as_actor(), now=NOW, is_dry=True)
    assert services.run_retention(run_pk=dry.pk, read_clock=lambda: NOW) is RunState.DONE
    dry.refresh_from_db()
    told = selectors.figures_of(dry)
    assert told == list(selectors.preview(now=NOW))
    assert (LedgerEntry.objects.count(), EntryPayload.objects.count()) == before
    assert texts_of(kept.old)[0] == "I am Mia Garcia."
    assert [one.gone for one in selectors.figures_of(run())] == [one.gone for one in told]


def test_a_run_goes_on_where_its_turn_ended(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    del kept
    for number in range(5):
        make_answer(LONG_AGO, f"{number}" * 64)
    monkeypatch.setattr(running, "TURN_SECONDS", 0.0)
    begun = services.start_run(actor=KEEPER, now=NOW, is_dry=False)
    turns = 1
    while services.run_retention(run_pk=begun.pk, read_clock=lambda: NOW, at_once=2) != "done":
        turns += 1
    begun.refresh_from_db()
    counts = {one.name: one.gone for one in selectors.figures_of(begun)}
    assert turns > len(counts)
    assert (counts["kept_answers"], counts["case_words"]) == (6, 3)
    assert len(ran()) == 1


def test_a_run_another_worker_has_is_left_alone(kept: Kept) -> None:
    del kept
    begun = services.start_run(actor=KEEPER, now=NOW, is_dry=False)
    RetentionRun.objects.filter(pk=begun.pk).update(
        state=RunState.RUNNING, lease_until_at=NOW + timedelta(seconds=5)
    )
    state = services.run_retention(run_pk=begun.pk, read_clock=lambda: NOW)
    assert (state, ran()) == (RunState.RUNNING, [])


def test_a_worker_that_lost_the_run_removes_nothing(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = services.start_run(actor=KEEPER, now=NOW, is_dry=False)
    counted = running.list_blocking

    def taken_over() -> object:
        RetentionRun.objects.filter(pk=begun.pk).update(attempt=9)
        return counted()

    monkeypatch.setattr(running, "list_blocking", taken_over)
    services.run_retention(run_pk=begun.pk, read_clock=lambda: NOW)
    assert texts_of(kept.old)[0] == "I am Mia Garcia."
    assert ran() == []


def test_the_night_begins_one_run_a_day_and_finds_lost_ones(kept: Kept) -> None:
    del kept
    assert services.run_due(now=NOW) == 1
    (begun,) = RetentionRun.objects.all()
    assert services.run_due(now=NOW) == 1  # its message may be lost, so it is rung for again
    services.run_retention(run_pk=begun.pk, read_clock=lambda: NOW)
    assert services.run_due(now=NOW + timedelta(hours=3)) == 0
    assert services.run_due(now=NOW + timedelta(hours=21)) == 1
    assert RetentionRun.objects.count() == 2


def test_one_run_at_a_time(ilse: User) -> None:
    services.start_run(actor=KEEPER, now=NOW, is_dry=False)
    with pytest.raises(ConflictError):
        services.start_run(actor=KEEPER, now=NOW, is_dry=False)
    assert services.start_run(actor=ilse.as_actor(), now=NOW, is_dry=True).is_dry


def change(person: User, days: int | None, **changed: object) -> RetentionPeriod:
    given: dict[str, object] = {
        "code": "case_words",
        "seen": None,
        "reason": "Agreed with the board",
        "proof": PROOF,
        **changed,
    }
    return services.set_period(actor=person.as_actor(), now=NOW, days=days, **given)  # type: ignore[arg-type]


def test_a_period_is_changed_on_record_and_the_next_run_goes_by_it(ilse: User) -> None:
    case = make_case(closed_at=NOW - 100 * DAY, opened_at=NOW - 101 * DAY)
    make_message(case, "Hello")
    run()
    assert texts_of(case) == ["Hello"]
    change(ilse, 90, seen=730)
    entry = LedgerEntry.objects.get(kind="retention.changed")
    told = payload_of(entry=entry) or {}
    assert (told["class"], told["from_days"], told["to_days"]) == ("case_words", 730, 90)
    assert (told["reason"], entry.actor_id) == ("Agreed with the board", str(ilse.public_id))
    run()
    assert texts_of(case) == [""]
    change(ilse, 365)
    row = RetentionPeriod.objects.get(code="case_words")
    history = row.history.order_by("history_id").values_list("days", "actor_label")
    assert list(history) == [(90, ilse.label), (365, ilse.label)]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"days": 29}, InvalidInputError),
        ({"days": None}, InvalidInputError),
        ({"days": 36_501}, InvalidInputError),
        ({"days": 90, "code": "nothing"}, NotFoundError),
        ({"days": 90, "reason": "  "}, InvalidInputError),
        ({"days": 90, "reason": "a\x00b"}, InvalidInputError),
        ({"days": 90, "proof": None}, NotPermittedError),
        ({"days": 90, "seen": 365}, ConflictError),
    ],
)
def test_what_is_refused_changes_nothing(
    ilse: User, changed: dict[str, object], error: type[OrchestraError]
) -> None:
    with pytest.raises(error):
        change(ilse, **changed)  # type: ignore[arg-type]
    assert RetentionPeriod.objects.count() == 0
    assert not LedgerEntry.objects.filter(kind="retention.changed").exists()


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.COMPLIANCE_OFFICER])
def test_nobody_else_sets_a_period_or_has_it_run(ilse: User, role: Role) -> None:
    del ilse
    person = make_person("otto", roles=[role])
    with pytest.raises(NotPermittedError):
        change(person, 90)
    with pytest.raises(NotPermittedError):
        services.start_run(actor=person.as_actor(), now=NOW, is_dry=False)
    assert (RetentionPeriod.objects.count(), RetentionRun.objects.count()) == (0, 0)


def test_the_command_counts_and_then_removes(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("retention", "--dry-run", "--json")
    told = json.loads(capsys.readouterr().out)
    counts = {one["name"]: one["gone"] for one in told["classes"]}
    assert (told["dry_run"], counts["case_words"], ran()) == (True, 3, [])
    assert texts_of(kept.old)[0] == "I am Mia Garcia."
    call_command("retention")
    assert "3 gone, 0 held, oldest kept" in capsys.readouterr().out
    assert texts_of(kept.old) == ["", ""]
    assert len(ran()) == 1


def test_the_command_says_when_a_run_is_under_way(kept: Kept) -> None:
    services.start_run(actor=KEEPER, now=NOW, is_dry=False)
    with pytest.raises(CommandError, match="under way"):
        call_command("retention")
    assert texts_of(kept.old)[0] == "I am Mia Garcia."
