"""One AI over time."""

import pytest

from governance.access.types import Role
from qa.population.models import SamplingUnit
from qa.population.types import HandledBy
from tests.factories.weeks import make_week, weeks_ago
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def test_a_version_has_its_own_number_from_thirty_reviews_on(browser: Browser) -> None:
    make_week(weeks_ago(0), sizes={"high": 40, "low": 40}, drawn=32, reviewed=32, fails=4)
    units = SamplingUnit.objects.filter(risk="high")
    SamplingUnit.objects.update(ai_version="model 2", agent="Helper")
    client = browser(Role.QA_LEAD)
    page = client.get("/admin/quality/ai/").content.decode()
    assert "model 2: 87.5 % would pass review" in page
    units.update(ai_version="model 1", agent="=SUM(1)")
    assert "model 1: 87.5 %" in client.get("/admin/quality/ai/?ai_version=model+1").content.decode()
    assert "Helper: 87.5 %" in client.get("/admin/quality/ai/?agent=Helper").content.decode()
    assert client.get("/admin/quality/ai/?ai_version=model+9").status_code == 404


def test_an_ai_without_versions_is_shown_by_its_name(browser: Browser) -> None:
    make_week(weeks_ago(0), sizes={"high": 40}, drawn=32, reviewed=32, fails=4)
    SamplingUnit.objects.update(agent="agent:0190", agent_label="Store assistant")
    page = browser(Role.QA_LEAD).get("/admin/quality/ai/").content.decode()
    assert "Store assistant: 87.5 % would pass review" in page
    assert '<option value="agent:0190" selected>Store assistant</option>' in page


def test_few_reviews_and_people_give_no_number(browser: Browser) -> None:
    make_week(weeks_ago(0))
    SamplingUnit.objects.update(ai_version="model 2")
    client = browser(Role.QA_ANALYST)
    assert "too few reviews for a number" in client.get("/admin/quality/ai/").content.decode()
    SamplingUnit.objects.update(handled_by=HandledBy.HUMAN, agent="Ruth")
    page = client.get("/admin/quality/ai/").content.decode()
    assert "No work of an AI was reviewed yet" in page
    assert client.get("/admin/quality/ai/?agent=Ruth").status_code == 404
