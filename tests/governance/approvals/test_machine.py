"""The life of requests against a small model of it: a slice here, all of it in the proof."""

import os

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.governance.approvals.life_machine import ApprovalLife
from tests.governance.approvals.life_stage import Stage
from tests.progress import Progress

#: Sequences of the proof, and steps of each; the suite runs a slice of both.
SEQUENCES, STEPS = 5_000, 50
CHUNK = 50
IS_PROOF = os.environ.get("ORCHESTRA_PROOF") == "machines"


def run(number: int, sequences: int, steps: int) -> None:
    """Run sequences that a number alone decides."""
    run_state_machine_as_test(
        seed(number)(ApprovalLife),
        _min_steps=steps,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=False,
            # Shrinking over a database takes minutes; the steps are printed as they are.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_the_life_of_requests() -> None:
    if IS_PROOF:
        run_in_full()
        return
    Stage.set_up(length=40)
    run(number=1, sequences=14, steps=40)
    assert Stage.runs >= 10
    # What is never reached is not tried.
    for name in ("vote", "batch", "claim", "hand over", "delegate", "execute", "edit"):
        assert Stage.done[f"{name} done"], name
        assert Stage.done[f"{name} refused"], name
    for kind in ("reminded", "escalated", "expired"):
        assert Stage.done[f"approval.{kind}"], kind


def run_in_full() -> None:
    progress = Progress("machines-approvals", target=SEQUENCES, unit="sequences")
    Stage.set_up(length=STEPS)
    while (number := progress.next_chunk()) is not None:
        runs, steps, done = Stage.runs, Stage.steps, Stage.done.copy()
        run(number, sequences=CHUNK, steps=STEPS)
        progress.finish(
            number,
            count=Stage.runs - runs,
            facts={"steps": Stage.steps - steps, **dict(Stage.done - done)},
        )
    assert progress.is_complete or progress.is_out_of_time
