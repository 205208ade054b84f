"""What moving a journey to another version would do."""

from cases.journeys.moving import preview_move
from cases.journeys.types import StepState
from tests.factories.journeys import make_spec, make_step

OLD = make_spec(make_step("a"), make_step("b"), make_step("c"))
NEW = make_spec(make_step("a"), make_step("b", target="other"), make_step("d"))


def test_what_is_kept_looked_at_again_added_and_gone() -> None:
    states = {"a": StepState.DONE, "b": StepState.READY, "c": StepState.PENDING}
    preview = preview_move(old=OLD, new=NEW, states=states)
    assert (preview.kept, preview.again) == (("a",), ("b",))
    assert (preview.added, preview.gone, preview.blocks) == (("d",), ("c",), ())


def test_a_call_under_way_of_a_step_that_changes_keeps_it() -> None:
    states = {"a": StepState.RUNNING, "b": StepState.WAITING, "c": StepState.RUNNING}
    assert preview_move(old=OLD, new=NEW, states=states).blocks == ("b", "c")
