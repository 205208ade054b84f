"""A case run again on its record makes the same moves, and says where it does not."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.journeys import services as journeys
from cases.journeys.engine import plan
from cases.journeys.rerun import rerun
from cases.journeys.rerun_world import Rerun, Verdict
from cases.journeys.runner import CONDUCTOR
from cases.journeys.types import Command, CommandKind, CueSheetSpec, JourneyNow
from cases.memory.models import Case
from cases.memory.selectors import read_entries
from cases.memory.types import CaseEntry
from cases.playback.selectors import facts_by_decision, plans_of, tools_of
from cases.playback.services import rerun_case
from cases.tools import registry
from governance.ledger.models import LedgerEntry
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from tests.cases.playback.test_fold import PLAYS, a_refund_that_two_people_decide
from tests.factories.playback import rows_of
from tests.factories.retail import Centre

Play = Callable[[Centre, Case], None]


def run_on(entries: list[CaseEntry], **changes: Any) -> Rerun:
    known: dict[str, Any] = {
        "plans": plans_of(entries),
        "tools": tools_of(entries),
        "decided": facts_by_decision(entries),
    }
    return rerun(entries, **{**known, **changes})


@pytest.mark.parametrize("play", PLAYS)
def test_every_move_is_made_again_and_nothing_else_happens(
    centre: Centre, case: Case, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(centre, case)
    before, entries = rows_of(case), LedgerEntry.objects.count()

    def forbidden(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("a rerun must not reach outside")

    for name in registry.adapters:
        adapter = registry.adapters.get(name)
        monkeypatch.setattr(type(adapter), "call", forbidden)
        monkeypatch.setattr(type(adapter), "lookup", forbidden)
    monkeypatch.setattr("socket.socket.connect", forbidden)

    found = rerun_case(case=case)

    assert (found.verdict, found.first, found.lacks) == (Verdict.EQUAL, None, ())
    recorded = [
        kind
        for kind, actor in LedgerEntry.objects.filter(stream=case.stream).values_list(
            "kind", "actor_id"
        )
        if kind == "step.off_plan"
        or (actor == "journey" and kind.startswith(("step.", "journey.", "handoff.")))
        if kind != "journey.started"
    ]
    assert found.moves == len(recorded) > 10
    assert (rows_of(case), LedgerEntry.objects.count()) == (before, entries)


def test_it_takes_four_queries_however_long_the_case(
    centre: Centre, case: Case, django_assert_num_queries: Any
) -> None:
    centre.identify(case)
    with django_assert_num_queries(4):
        rerun_case(case=case)
    a_refund_that_two_people_decide(centre, case)
    with django_assert_num_queries(4):
        rerun_case(case=case)


def never_skips(now: JourneyNow, spec: CueSheetSpec) -> tuple[Command, ...]:
    """An engine that leaves nothing out."""
    return tuple(one for one in plan(now, spec) if one.kind is not CommandKind.SKIP)


def hands_off_sooner(now: JourneyNow, spec: CueSheetSpec) -> tuple[Command, ...]:
    """An engine that gives a step to people after its first failed try."""
    return tuple(
        Command(CommandKind.HAND_OFF, one.step, one.reason)
        if one.kind is CommandKind.REOPEN_STEP
        else one
        for one in plan(now, spec)
    )


def says_otherwise(now: JourneyNow, spec: CueSheetSpec) -> tuple[Command, ...]:
    """An engine that gives other reasons."""
    return tuple(replace(one, reason="because") if one.reason else one for one in plan(now, spec))


def waits_for_nothing(now: JourneyNow, spec: CueSheetSpec) -> tuple[Command, ...]:
    """An engine that knows no order of steps."""
    return plan(now, replace(spec, steps=tuple(replace(one, after=()) for one in spec.steps)))


def never_ends(now: JourneyNow, spec: CueSheetSpec) -> tuple[Command, ...]:
    """An engine that completes no journey."""
    return tuple(one for one in plan(now, spec) if one.kind is not CommandKind.COMPLETE_JOURNEY)


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        (hands_off_sooner, "handed off"),
        (says_otherwise, "because"),
        (waits_for_nothing, "comes here"),
        (never_ends, "run again, nothing moves here"),
    ],
)
def test_another_rule_of_the_engine_is_found(
    centre: Centre, case: Case, rules: Any, says: str
) -> None:
    a_refund_that_two_people_decide(centre, case)
    found = rerun_case(case=case, rules=rules)
    assert found.verdict is Verdict.DIFFERS
    assert found.first is not None
    assert says in found.first.text
    assert 0 < found.first.seq <= LedgerEntry.objects.filter(stream=case.stream).count()


def test_a_rule_that_this_case_never_met_is_not_blamed(centre: Centre, case: Case) -> None:
    centre.identify(case)
    assert rerun_case(case=case, rules=never_skips).verdict is Verdict.EQUAL


def test_why_a_step_is_open_again_is_told_by_what_came_before_and_compared_nowhere(
    centre: Centre, case: Case
) -> None:
    a_refund_that_two_people_decide(centre, case)
    retried = []

    def tells_retries_otherwise(now: JourneyNow, spec: CueSheetSpec) -> tuple[Command, ...]:
        found = plan(now, spec)
        retried.extend(one for one in found if one.kind is CommandKind.REOPEN_STEP)
        return tuple(replace(one, reason="because") if one in retried else one for one in found)

    assert rerun_case(case=case, rules=tells_retries_otherwise).verdict is Verdict.EQUAL
    assert retried


def test_a_move_taken_out_of_the_record_is_found_wherever_it_stood(
    centre: Centre, case: Case
) -> None:
    a_refund_that_two_people_decide(centre, case)
    entries = read_entries(case=case)
    moves = [
        at
        for at, entry in enumerate(entries)
        if entry.kind in {"step.ready", "step.done", "step.refused", "journey.completed"}
    ]
    assert len(moves) > 8
    for at in moves:
        found = run_on(entries[:at] + entries[at + 1 :])
        assert found.verdict is Verdict.DIFFERS, entries[at]


def test_another_answer_of_a_tool_leads_elsewhere(centre: Centre, case: Case) -> None:
    centre.identify(case)
    entries = read_entries(case=case)
    at = next(n for n, entry in enumerate(entries) if entry.kind == "tool_call.succeeded")
    payload = {**(entries[at].payload or {}), "result": None}
    entries[at] = replace(entries[at], payload=payload)
    found = run_on(entries)
    assert found.verdict is Verdict.DIFFERS
    assert found.first is not None
    assert "refused comes here" in found.first.text


def test_what_is_missing_is_named_and_counts_neither_way(centre: Centre, case: Case) -> None:
    centre.identify(case)
    entries = read_entries(case=case)
    begun = next(at for at, entry in enumerate(entries) if entry.kind == "journey.started")

    erased = [replace(entries[0], payload=None), *entries[1:]]
    assert run_on(erased).lacks == ("what entry 1 held, which was erased",)
    [lack] = run_on(entries, plans={}).lacks
    assert lack == "version 1 of the cue sheet cancel_order"
    [lack] = run_on(entries, tools={}).lacks
    assert lack == "the text of the tool find_user_id_by_email as it ran"
    older = replace(
        entries[begun], payload={**(entries[begun].payload or {}), "engine": "journeys/0"}
    )
    found = run_on([*entries[:begun], older, *entries[begun + 1 :]])
    assert (found.verdict, found.lacks) == (Verdict.CANNOT, ("the engine journeys/0",))


def test_an_entry_without_meaning_for_the_journey_may_be_erased(centre: Centre, case: Case) -> None:
    centre.identify(case)
    entries = [
        replace(entry, payload=None) if entry.kind == "message.added" else entry
        for entry in read_entries(case=case)
    ]
    assert run_on(entries).verdict is Verdict.EQUAL


def test_records_of_earlier_releases_run_too(centre: Centre, case: Case) -> None:
    """They name neither the journey of a step, nor the step's id, nor the engine."""
    a_refund_that_two_people_decide(centre, case)
    entries = [
        replace(
            entry,
            payload={
                name: value
                for name, value in (entry.payload or {}).items()
                if name not in {"journey", "step_id", "engine"}
            },
        )
        for entry in read_entries(case=case)
    ]
    assert run_on(entries).verdict is Verdict.EQUAL


class TestCommand:
    def test_it_counts_and_names(self, centre: Centre, case: Case) -> None:
        centre.identify(case)
        out = StringIO()
        call_command("rerun", "--case", case.label, "--json", stdout=out)
        report = json.loads(out.getvalue())
        assert (report["cases"], report["equal"], report["differs"]) == (1, 1, [])
        out = StringIO()
        call_command("rerun", "--since", "2001-01-01T00:00:00Z", stdout=out)
        assert "cases=1 equal=1 differs=0 cannot=0" in out.getvalue()
        out = StringIO()
        call_command("rerun", "--until", "2001-01-01T00:00:00Z", stdout=out)
        assert "cases=0" in out.getvalue()

    def test_a_difference_exits_with_one_and_is_told(self, centre: Centre, case: Case) -> None:
        centre.identify(case)
        with one_act():
            draft = EntryDraft(
                stream=case.stream,
                kind="journey.completed",
                payload={"title": "Cancel a pending order", "reason": ""},
                subject_kind="journey",
                subject_id=str(case.journeys.get().public_id),
            )
            append_entry(actor=CONDUCTOR, now=centre.clock(), draft=draft)
        out = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("rerun", "--case", case.label, stdout=out)
        assert ended.value.code == 1
        assert f"{case.label} differs at entry" in out.getvalue()

    @pytest.mark.parametrize(
        "given",
        [
            ["--case", "C-0"],
            ["--case", "x"],
            ["--since", "soon"],
            ["--case", "C-1", "--since", "x"],
        ],
    )
    def test_bad_input_is_told(self, centre: Centre, given: list[str]) -> None:
        del centre
        with pytest.raises(CommandError):
            call_command("rerun", *given)


def test_a_person_who_skips_ahead_is_found(centre: Centre, case: Case) -> None:
    centre.identify(case)
    journeys.complete_step(
        actor=centre.agent,
        now=centre.clock(),
        case=case,
        step="agree",
        evidence=centre.agree(case),
    )
    entries = read_entries(case=case)
    done = next(e for e in entries if e.kind == "step.done" and e.actor_id == centre.agent.id)
    ready = next(e for e in entries if e.kind == "step.ready" and e.subject_id == done.subject_id)
    rest = [e for e in entries if e.seq < ready.seq]
    found = run_on([*rest, done])
    assert found.verdict is Verdict.DIFFERS
