"""What a case lacks before it can be closed."""

from dataclasses import replace

import pytest

from cases.journeys.closing import Written, gaps_of
from cases.memory.types import VerificationLevel
from governance.reviews.types import RiskLevel

REFUND = Written(
    title="Refund",
    risk=RiskLevel.HIGH,
    cites=1,
    has_check=True,
    confirmed=True,
)


def codes(
    call: Written = REFUND,
    verification: VerificationLevel = VerificationLevel.BASIC,
) -> list[str]:
    found = gaps_of(written=[call], verification=verification)
    return [gap.code for gap in found]


def test_a_change_with_all_its_evidence_lacks_nothing() -> None:
    assert codes() == []
    assert gaps_of(written=[], verification=VerificationLevel.NONE) == []


@pytest.mark.parametrize("risk", [RiskLevel.LOW, RiskLevel.MEDIUM])
def test_below_high_risk_nothing_is_asked_for(risk: RiskLevel) -> None:
    call = replace(REFUND, risk=risk, cites=0, confirmed=False)
    assert codes(call, VerificationLevel.NONE) == []


@pytest.mark.parametrize("risk", [RiskLevel.HIGH, RiskLevel.CRITICAL, None])
def test_everything_missing_is_named_at_once(risk: RiskLevel | None) -> None:
    call = replace(REFUND, risk=risk, cites=0, confirmed=None)
    found = codes(call, VerificationLevel.CLAIMED)
    assert found == ["confirmation", "grounds", "verification"]


def test_no_check_is_asked_for_where_none_is_declared() -> None:
    assert codes(replace(REFUND, has_check=False, confirmed=None)) == []


def test_every_gap_says_where_to_add_it() -> None:
    call = replace(REFUND, cites=0, confirmed=False)
    found = gaps_of(written=[call], verification=VerificationLevel.NONE)
    assert {gap.place for gap in found} == {"calls", "evidence"}
    assert all("." in gap.says for gap in found)
