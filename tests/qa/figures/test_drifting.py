"""Checks that people agree with no longer stand among the alerts."""

import pytest

from orchestra.core.together import answer
from qa.figures.registry import alerts
from qa.findings.licensing import LicenceState
from qa.findings.models import CheckLicence
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", LicenceState)
def test_a_stopped_check_is_told_with_its_counts(state: LicenceState) -> None:
    CheckLicence.objects.create(
        check_key="promise_kept",
        series="promise_kept/1",
        question="policy_followed",
        state=state,
        failures=40,
        caught=22,
        passes=90,
        passed=88,
        since=NOW,
        at=NOW,
    )
    found = answer(alerts.get("findings")())
    assert len(found) == (state is LicenceState.STOPPED)
    for one in found:
        assert "22 of 40" in one.text
        assert one.link == "/admin/findings/"
