"""Audit completeness: required records, late ones, tombstones, and empty sets."""

import pytest

from qa.measurement.metrics.completeness import audit_completeness, state_of
from qa.measurement.rows import ClosedCase, Dimensions, FactState, RequiredFact
from qa.measurement.types import LeftOut
from tests.qa.measurement.metrics.rows import at


def closed(case: str, *states: FactState, **given: object) -> ClosedCase:
    facts = tuple(
        RequiredFact(case, f"{case}{number}", "tool_call", state)
        for number, state in enumerate(states)
    )
    return ClosedCase(case=case, closed_at=at(1), facts=facts, **given)  # type: ignore[arg-type]


PRESENT, MISSING = FactState.PRESENT, FactState.MISSING


@pytest.mark.parametrize(
    ("recorded", "state"),
    [
        pytest.param(0.5, FactState.PRESENT, id="before the closing"),
        pytest.param(1, FactState.PRESENT, id="with it"),
        pytest.param(24, FactState.LATE, id="late"),
        pytest.param(25.1, FactState.MISSING, id="too late"),
        pytest.param(None, FactState.MISSING, id="never"),
    ],
)
def test_when_a_record_came(recorded: float | None, state: FactState) -> None:
    when = None if recorded is None else at(recorded)
    assert state_of(recorded_at=when, closed_at=at(1), now=at(100)) is state


def test_a_record_of_tomorrow_is_not_there_today() -> None:
    assert state_of(recorded_at=at(5), closed_at=at(1), now=at(2)) is FactState.MISSING


def test_facts_and_cases() -> None:
    found = audit_completeness(
        [closed("a", PRESENT, PRESENT), closed("b", PRESENT, MISSING), closed("c", PRESENT)]
    )
    assert (found.facts.hits, found.facts.n) == (4, 5)
    assert (found.cases.hits, found.cases.n) == (2, 3)
    assert (found.incomplete, dict(found.missing)) == (("b",), {"tool_call": 1})


def test_late_and_erased_records_count_and_are_told() -> None:
    found = audit_completeness([closed("a", FactState.LATE, FactState.TOMBSTONE)])
    assert (found.cases.hits, found.late) == (1, 1)


def test_an_invalid_record_is_none() -> None:
    assert audit_completeness([closed("a", FactState.INVALID)]).cases.hits == 0


def test_what_retention_took_leaves_the_denominator() -> None:
    found = audit_completeness(
        [closed("a", PRESENT, FactState.RETENTION_OVER), closed("b", FactState.RETENTION_OVER)]
    )
    assert (found.facts.n, found.retention_over) == (1, 2)
    assert (found.cases.hits, found.cases.n) == (1, 1)
    assert found.unconfigured == ()


def test_nothing_required_is_a_fault_and_not_100_percent() -> None:
    found = audit_completeness([closed("a")])
    assert (found.cases.value, found.cases.n) == (None, 0)
    assert found.unconfigured == ("a",)
    assert found.cases.left_out == {"nothing_required": 1}


def test_by_risk() -> None:
    found = audit_completeness(
        [
            closed("a", MISSING, of=Dimensions(risk="critical")),
            closed("b", PRESENT, of=Dimensions(risk="critical")),
            closed("c", PRESENT, of=Dimensions(risk="low")),
        ]
    )
    assert {risk: one.value for risk, one in found.by_risk.items()} == {"critical": 0.5, "low": 1}


def test_the_answers_of_their_own_are_never_averaged_in() -> None:
    found = audit_completeness(
        [
            closed("a", PRESENT, chain_verifies=False, replay_agrees=True),
            closed("b", PRESENT, chain_verifies=True, evidence_there=False),
        ]
    )
    assert found.cases.value == 1
    assert (found.chain.hits, found.chain.total) == (1, 2)
    assert (found.replay.hits, found.replay.total) == (1, 1)
    assert (found.evidence.hits, found.evidence.total) == (0, 1)


def test_left_out() -> None:
    found = audit_completeness([closed("a", MISSING, left_out=LeftOut.MERGED)])
    assert (found.cases.n, found.cases.left_out) == (0, {"merged": 1})
