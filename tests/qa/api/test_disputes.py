"""Rates of what did not stand, over REST: for who leads quality."""

import pytest

from governance.access.types import Role
from qa.findings.models import Finding, UnitCheck
from qa.findings.types import CheckResult, FindingState
from tests.conftest import NOW
from tests.factories.sampled import make_unit
from tests.qa.api.test_reviews import of_role

pytestmark = pytest.mark.django_db
PATH = "/api/v1/quality/overturned/"


def test_who_leads_reads_the_rates_and_nobody_else() -> None:
    unit = make_unit()
    check = UnitCheck.objects.create(
        unit=unit, check_key="tone", series="tone/1", result=CheckResult.FOUND, at=NOW
    )
    for state in [FindingState.REFUTED, *[FindingState.CONFIRMED] * 4]:
        Finding.objects.create(check_row=check, unit=unit, harm="low", state=state, found_at=NOW)
    lead = of_role(Role.QA_LEAD)
    told = lead.get(PATH).json()
    assert told["fewest"] == 5
    (rate,) = told["rates"]
    assert (rate["by"], rate["what"], rate["decided"], rate["changed"]) == ("check", "tone", 5, 1)
    # Wilson, 1 of 5.
    assert (round(rate["low"], 4), round(rate["high"], 4)) == (0.0362, 0.6245)
    assert lead.get(f"{PATH}?by=judge").json()["rates"] == []
    assert lead.get(f"{PATH}?by=weather").status_code == 422
    assert of_role(Role.QA_ANALYST).get(PATH).status_code == 403
