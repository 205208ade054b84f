"""What a plan would do on a supposed case."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.journeys.rules import check_cue_sheet
from cases.journeys.simulating import ends_of, play
from cases.journeys.types import CueSheetSpec, JourneyState, StepState
from tests.cases.journeys.test_engine import sheets
from tests.factories.journeys import make_spec, make_step, make_when

SPEC = make_spec(
    make_step("look", when=(make_when("verification", "is", "none"),), otherwise="retry"),
    make_step("run", after=("look",), otherwise="ask"),
    make_step("ask", owner="supervisor"),
    make_step("tell", after=("run",)),
)


def test_a_case_on_which_all_is_done_meets_the_need() -> None:
    played = play(SPEC, facts={"verification": "none"}, ends={})
    assert (played.state, played.waits) == (JourneyState.COMPLETED, ())
    assert played.reached == ("look", "run", "tell")


def test_a_refusal_leads_where_the_plan_says() -> None:
    played = play(SPEC, facts={}, ends={"run": StepState.REFUSED})
    assert (played.state, played.reached) == (JourneyState.COMPLETED, ("run", "ask", "tell"))
    lost = play(SPEC, facts={"verification": "none"}, ends={"look": StepState.FAILED})
    assert lost.state is JourneyState.HANDED_OFF
    assert [move.what for move in lost.moves].count("reopen_step") == 4


def test_a_step_that_stays_open_is_waited_for() -> None:
    played = play(SPEC, facts={}, ends={"run": None})
    assert (played.state, played.waits) == (JourneyState.RUNNING, ("run",))


def test_how_past_steps_ended_is_supposed_again() -> None:
    states = {"a": StepState.DONE, "b": StepState.FAILED, "c": StepState.HANDED_OFF}
    assert ends_of(states) == {"a": StepState.DONE, "b": StepState.FAILED, "c": None}


@given(sheets().filter(lambda one: not check_cue_sheet(spec=one)), st.data())
@settings(max_examples=100, deadline=None)
def test_every_trial_ends_and_comes_out_the_same(spec: CueSheetSpec, data: st.DataObject) -> None:
    ends = {
        step.key: data.draw(st.sampled_from([None, StepState.DONE, StepState.REFUSED]))
        for step in spec.steps
    }
    facts = data.draw(st.sampled_from([{}, {"x": 1}, {"y": 2}]))
    played = play(spec, facts=facts, ends=ends)
    assert played == play(spec, facts=facts, ends=ends)
    if played.state is JourneyState.RUNNING:
        assert played.waits
        assert all(ends[key] is None for key in played.waits)
