"""What a journey does next, as tables and as properties."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.journeys.engine import MAX_TRIES, apply, holds, is_complete, plan, settle
from cases.journeys.rules import check_cue_sheet
from cases.journeys.types import (
    Command,
    CommandKind,
    CueSheetSpec,
    DoesKind,
    JourneyNow,
    JourneyState,
    StepNow,
    StepState,
)
from tests.factories.journeys import make_now, make_spec, make_step, make_when

IDENTIFY = make_step(
    "identify", when=(make_when("verification", "in", ["none", "claimed"]),), otherwise="retry"
)
ASK = make_step("ask", does=DoesKind.CHECK, target="customer_confirmed", after=("identify",))
RUN = make_step("run", after=("identify", "ask"), otherwise="retry")
TELL = make_step("tell", does=DoesKind.MESSAGE, target="outcome", after=("run",))
SHEET = make_spec(IDENTIFY, ASK, RUN, TELL, all_done=("run",))


def kinds(now: JourneyNow, spec: CueSheetSpec = SHEET) -> list[tuple[str, str]]:
    return [(command.kind.value, command.step) for command in plan(now, spec)]


def test_the_first_step_becomes_ready() -> None:
    assert kinds(make_now(SHEET, facts={"verification": "none"})) == [("make_ready", "identify")]


def test_a_step_whose_condition_does_not_hold_is_skipped_and_the_next_follows() -> None:
    now, commands = settle(make_now(SHEET, facts={"verification": "basic"}), SHEET)
    assert [(command.kind.value, command.step) for command in commands] == [
        ("skip", "identify"),
        ("make_ready", "ask"),
    ]
    assert now.steps["run"].state is StepState.PENDING


def test_a_step_waits_for_all_before_it() -> None:
    now = make_now(SHEET, identify=StepState.DONE, ask=StepState.READY)
    assert kinds(now) == []
    assert kinds(make_now(SHEET, identify=StepState.DONE, ask=StepState.DONE)) == [
        ("make_ready", "run")
    ]


def test_a_refused_step_is_opened_again_until_a_person_must_look() -> None:
    states = {"identify": StepState.DONE, "ask": StepState.DONE, "run": StepState.REFUSED}
    assert kinds(make_now(SHEET, tries=MAX_TRIES - 1, **states)) == [("reopen_step", "run")]
    assert kinds(make_now(SHEET, tries=MAX_TRIES, **states)) == [("hand_off", "run")]


def test_a_step_may_say_how_often_it_is_tried() -> None:
    spec = make_spec(make_step("a", otherwise="retry", tries=2))
    assert kinds(make_now(spec, tries=1, a=StepState.FAILED), spec) == [("reopen_step", "a")]
    assert kinds(make_now(spec, tries=2, a=StepState.FAILED), spec) == [("hand_off", "a")]


def test_a_failed_step_hands_off_by_default_and_ends_the_journey() -> None:
    spec = make_spec(make_step("a"), make_step("b", after=("a",)))
    now, commands = settle(make_now(spec, a=StepState.FAILED), spec)
    assert [command.kind for command in commands] == [CommandKind.HAND_OFF]
    assert now.state is JourneyState.HANDED_OFF
    assert now.steps["b"].state is StepState.HANDED_OFF


def test_a_step_may_be_left_out() -> None:
    spec = make_spec(make_step("a", otherwise="skip"), make_step("b", after=("a",)))
    _, commands = settle(make_now(spec, a=StepState.REFUSED), spec)
    assert [(c.kind.value, c.step) for c in commands] == [("skip", "a"), ("make_ready", "b")]


FALLBACK = make_spec(
    make_step("a", otherwise="b"), make_step("b"), make_step("c", after=("a",)), all_done=("c",)
)


def test_a_fallback_waits_and_is_skipped_when_it_is_not_needed() -> None:
    assert kinds(make_now(FALLBACK), FALLBACK) == [("make_ready", "a")]
    assert kinds(make_now(FALLBACK, a=StepState.DONE), FALLBACK) == [
        ("skip", "b"),
        ("make_ready", "c"),
    ]


def test_a_fallback_takes_the_place_of_what_was_refused() -> None:
    assert kinds(make_now(FALLBACK, a=StepState.REFUSED), FALLBACK) == [("make_ready", "b")]
    done = make_now(FALLBACK, a=StepState.REFUSED, b=StepState.DONE)
    assert kinds(done, FALLBACK) == [("make_ready", "c")]


def test_a_bound_step_is_proposed_once_its_facts_are_known() -> None:
    spec = make_spec(make_step("a", bind={"order_id": "order"}))
    assert kinds(make_now(spec, a=StepState.READY), spec) == []
    bound = make_now(spec, facts={"order": "W1"}, a=StepState.READY)
    assert kinds(bound, spec) == [("propose", "a")]
    assert settle(bound, spec)[0].steps["a"].state is StepState.RUNNING


def test_completion_skips_what_was_optional() -> None:
    spec = make_spec(make_step("look", optional=True), make_step("a"))
    now, commands = settle(make_now(spec, look=StepState.READY, a=StepState.DONE), spec)
    assert [(c.kind.value, c.step) for c in commands] == [
        ("skip", "look"),
        ("complete_journey", ""),
    ]
    assert now.state is JourneyState.COMPLETED


def test_an_optional_step_under_way_is_waited_for() -> None:
    spec = make_spec(make_step("look", optional=True), make_step("a"))
    assert kinds(make_now(spec, look=StepState.RUNNING, a=StepState.DONE), spec) == []


def test_a_journey_that_ran_out_of_steps_goes_to_a_person() -> None:
    spec = make_spec(make_step("a", when=(make_when("x", "is", 1),)))
    now, commands = settle(make_now(spec), spec)
    assert [(c.kind.value, c.step) for c in commands] == [("skip", "a"), ("hand_off", "")]
    assert now.state is JourneyState.HANDED_OFF


def test_any_one_of_several_steps_may_meet_the_need() -> None:
    steps = (make_step("a", optional=True), make_step("b", optional=True))
    spec = make_spec(*steps, all_done=(), any_done=("a", "b"))
    ready = make_now(spec, a=StepState.READY, b=StepState.READY)
    assert kinds(ready, spec) == []
    done = make_now(spec, a=StepState.DONE, b=StepState.READY)
    assert is_complete(done, spec)
    assert settle(done, spec)[0].state is JourneyState.COMPLETED


def test_a_journey_that_does_not_run_gets_no_commands() -> None:
    for state in set(JourneyState) - {JourneyState.RUNNING}:
        assert plan(replace(make_now(SHEET), state=state), SHEET) == ()


def test_an_absent_fact_has_the_value_null() -> None:
    now = make_now(SHEET)
    assert not holds(make_when("x", "is", 1), now)
    assert holds(make_when("x", "is_not", 1), now)
    assert holds(make_when("x", "is", None), now)
    assert not holds(make_when("x", "in", [1]), now)


# Properties: any sheet without findings, in any state.

KEYS = "abcde"


@st.composite
def sheets(draw: st.DrawFn) -> CueSheetSpec:
    count = draw(st.integers(1, len(KEYS)))
    steps = []
    for index in range(count):
        key = KEYS[index]
        earlier = list(KEYS[:index])
        after = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        later = list(KEYS[index + 1 : count])
        when = draw(st.sampled_from([(), (make_when("x", "is", 1),), (make_when("y", "in", [2]),)]))
        steps.append(
            make_step(
                key,
                after=tuple(after),
                when=when,
                bind=draw(st.sampled_from([{}, {"argument": "x"}])),
                optional=draw(st.booleans()),
                otherwise=draw(st.sampled_from(["retry", "hand_off", "skip", *later])),
            )
        )
    named = draw(st.lists(st.sampled_from(KEYS[:count]), unique=True, min_size=1))
    every = draw(st.booleans())
    return make_spec(
        *steps, all_done=tuple(named) if every else (), any_done=() if every else tuple(named)
    )


@st.composite
def situations(draw: st.DrawFn) -> tuple[CueSheetSpec, JourneyNow]:
    spec = draw(sheets().filter(lambda one: not check_cue_sheet(spec=one)))
    steps = {
        step.key: StepNow(step.key, draw(st.sampled_from(StepState)), draw(st.integers(0, 6)))
        for step in spec.steps
    }
    facts = draw(st.fixed_dictionaries({}, optional={"x": st.just(1), "y": st.just(2)}))
    return spec, JourneyNow(state=JourneyState.RUNNING, steps=steps, facts=facts)


@given(situations())
@settings(max_examples=150, deadline=None)
def test_no_two_commands_conflict(situation: tuple[CueSheetSpec, JourneyNow]) -> None:
    spec, now = situation
    commands = plan(now, spec)
    named = [command.step for command in commands]
    assert len(named) == len(set(named))
    ending = [
        command
        for command in commands
        if command.kind in {CommandKind.HAND_OFF, CommandKind.COMPLETE_JOURNEY}
    ]
    assert not ending or commands == tuple(ending)


@given(situations())
@settings(max_examples=150, deadline=None)
def test_the_fixpoint_is_reached_and_stays(situation: tuple[CueSheetSpec, JourneyNow]) -> None:
    spec, now = situation
    settled, commands = settle(now, spec)
    assert len(commands) <= 3 * len(spec.steps) + 1
    assert plan(settled, spec) == ()
    assert settle(settled, spec) == (settled, ())
    assert settle(now, spec) == (settled, commands)


@given(situations())
@settings(max_examples=150, deadline=None)
def test_a_running_journey_at_its_fixpoint_waits_for_something(
    situation: tuple[CueSheetSpec, JourneyNow],
) -> None:
    spec, now = situation
    settled, _ = settle(now, spec)
    waiting = {StepState.READY, StepState.RUNNING, StepState.WAITING}
    if settled.state is JourneyState.RUNNING:
        assert any(step.state in waiting for step in settled.steps.values())
    if settled.state is JourneyState.COMPLETED:
        assert is_complete(settled, spec)


@given(situations())
@settings(max_examples=200, deadline=None)
def test_a_step_becomes_ready_only_after_what_stands_before_it(
    situation: tuple[CueSheetSpec, JourneyNow],
) -> None:
    spec, now = situation
    by_key = {step.key: step for step in spec.steps}
    for command in plan(now, spec):
        if command.kind is CommandKind.MAKE_READY:
            step = by_key[command.step]
            assert all(holds(condition, now) for condition in step.when)
            assert all(now.steps[key].state.is_final for key in step.after)


def test_applying_keeps_the_other_steps() -> None:
    now = make_now(SHEET)
    after = apply(now, Command(CommandKind.SKIP, "identify"))
    assert {key: step.state for key, step in after.steps.items()} == {
        "identify": StepState.SKIPPED,
        "ask": StepState.PENDING,
        "run": StepState.PENDING,
        "tell": StepState.PENDING,
    }


@given(sheets().filter(lambda one: not check_cue_sheet(spec=one)), st.data())
@settings(max_examples=150, deadline=None)
def test_every_journey_ends_and_a_pause_lets_nothing_start(
    spec: CueSheetSpec, data: st.DataObject
) -> None:
    """However its steps end, a journey comes to an end within its bounds."""
    now, _ = settle(make_now(spec, facts=data.draw(st.sampled_from([{}, {"x": 1}]))), spec)
    ends = st.sampled_from([StepState.DONE, StepState.REFUSED, StepState.FAILED])
    moved = 0
    while now.state is JourneyState.RUNNING:
        held = replace(now, state=JourneyState.PAUSED)
        assert settle(held, spec) == (held, ())
        busy = [
            key
            for key, step in now.steps.items()
            if step.state in {StepState.READY, StepState.RUNNING}
        ]
        key = data.draw(st.sampled_from(busy))
        to = data.draw(ends)
        tries = now.steps[key].tries + (to is not StepState.DONE)
        step = replace(now.steps[key], state=to, tries=tries)
        now, _ = settle(replace(now, steps={**now.steps, key: step}), spec)
        moved += 1
        assert moved <= MAX_TRIES * len(spec.steps)
    assert now.state in {JourneyState.COMPLETED, JourneyState.HANDED_OFF}
