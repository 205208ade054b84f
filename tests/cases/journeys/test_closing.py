"""What a case lacks before it can be closed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cases.journeys.closing import Written, gaps_of
from cases.memory.types import VerificationLevel
from governance.reviews.types import RiskLevel

EFFECT = datetime(2026, 11, 2, 9, tzinfo=UTC)
REFUND = Written(
    title="Refund",
    risk=RiskLevel.HIGH,
    cites=1,
    at=EFFECT,
    has_check=True,
    confirmed=True,
)


def codes(
    call: Written = REFUND,
    verification: VerificationLevel = VerificationLevel.BASIC,
    told_at: datetime | None = EFFECT,
) -> list[str]:
    found = gaps_of(written=[call], verification=verification, told_at=told_at)
    return [gap.code for gap in found]


def test_a_change_with_all_its_evidence_lacks_nothing() -> None:
    assert codes() == []
    assert gaps_of(written=[], verification=VerificationLevel.NONE, told_at=None) == []


@pytest.mark.parametrize("risk", [RiskLevel.LOW, RiskLevel.MEDIUM])
def test_below_high_risk_nothing_is_asked_for(risk: RiskLevel) -> None:
    call = replace(REFUND, risk=risk, cites=0, confirmed=False)
    assert codes(call, VerificationLevel.NONE, None) == []


@pytest.mark.parametrize("risk", [RiskLevel.HIGH, RiskLevel.CRITICAL, None])
def test_everything_missing_is_named_at_once(risk: RiskLevel | None) -> None:
    call = replace(REFUND, risk=risk, cites=0, confirmed=None)
    found = codes(call, VerificationLevel.CLAIMED, None)
    assert found == ["confirmation", "grounds", "verification", "told"]


def test_the_customer_is_told_after_the_last_change_of_high_risk() -> None:
    later = replace(REFUND, at=EFFECT + timedelta(hours=1))
    harmless = replace(later, risk=RiskLevel.LOW)
    assert codes(later) == ["told"]
    assert codes(later, told_at=later.at) == []
    found = gaps_of(
        written=[REFUND, harmless], verification=VerificationLevel.STRONG, told_at=EFFECT
    )
    assert found == []


def test_no_check_is_asked_for_where_none_is_declared() -> None:
    assert codes(replace(REFUND, has_check=False, confirmed=None)) == []


def test_every_gap_says_where_to_add_it() -> None:
    call = replace(REFUND, cites=0, confirmed=False)
    found = gaps_of(written=[call], verification=VerificationLevel.NONE, told_at=None)
    assert {gap.place for gap in found} == {"calls", "evidence", "wrap-up"}
    assert all("." in gap.says for gap in found)
