"""Exceptions: roots, consequences, retries, and nothing of n."""

import pytest

from qa.measurement.metrics.exceptions import exception_rate
from qa.measurement.rows import OwnerKind
from qa.measurement.types import ExceptionKind, LeftOut
from tests.qa.measurement.metrics.rows import at, step

FAILED = ExceptionKind.TOOL_ERROR


def test_one_key_is_one_execution_and_a_retry_that_goes_through_is_recovered() -> None:
    found = exception_rate(
        [
            step("a", exception=FAILED),
            step("a", started_at=at(1)),
            step("b", exception=FAILED),
            step("b", exception=ExceptionKind.TOOL_TIMEOUT, started_at=at(1)),
            step("c"),
        ]
    )
    assert (found.steps.hits, found.steps.n) == (1, 3)
    assert dict(found.by_kind) == {ExceptionKind.TOOL_TIMEOUT: 1}
    assert (found.recovered.hits, found.recovered.n) == (1, 2)


def test_of_a_chain_the_root_counts() -> None:
    found = exception_rate(
        [
            step("a", case="x", exception=FAILED),
            step("b", case="x", exception=ExceptionKind.EVIDENCE_MISSING, root="a"),
            step("c", case="x", exception=ExceptionKind.MISSING_INPUT, root="a"),
        ]
    )
    assert (found.steps.hits, found.steps.n, found.consequences) == (1, 3, 2)
    assert (found.cases.hits, found.cases.n) == (1, 1)


def test_cases_without_a_step_are_in_the_rate_of_cases() -> None:
    found = exception_rate([step("a", exception=FAILED)], cases=["a", "b", "c", "d"])
    assert (found.cases.hits, found.cases.n) == (1, 4)


def test_people_and_ai_have_rates_of_their_own_and_the_same_kinds() -> None:
    found = exception_rate(
        [
            step("a", by=OwnerKind.HUMAN, exception=ExceptionKind.MANUAL_OVERRIDE),
            step("b", by=OwnerKind.HUMAN),
            step("c"),
        ]
    )
    assert found.by_actor[OwnerKind.HUMAN].value == 0.5
    assert found.by_actor[OwnerKind.AI].value == 0


@pytest.mark.parametrize("kind", list(ExceptionKind))
def test_every_kind_of_the_list_counts_and_only_where_the_definition_says_so(
    kind: ExceptionKind,
) -> None:
    rows = [step("a", exception=kind), step("b")]
    assert exception_rate(rows).steps.hits == 1
    others = [one for one in ExceptionKind if one is not kind]
    assert exception_rate(rows, counted=others).steps.hits == 0


def test_none_of_n_is_told_with_the_rule_of_three() -> None:
    found = exception_rate([step(f"{n}") for n in range(300)])
    assert found.steps.value == 0
    assert found.steps.beside["at_most"] == pytest.approx(0.01, abs=0.0001)
    assert "at_most" not in exception_rate([]).steps.beside


def test_left_out_is_counted_by_reason() -> None:
    found = exception_rate([step("a", exception=FAILED, left_out=LeftOut.TEST), step("b")])
    assert (found.steps.hits, found.steps.n, found.steps.left_out) == (0, 1, {"test": 1})
