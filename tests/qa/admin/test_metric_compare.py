"""The page that holds two spans or two versions of a metric against each other."""

from datetime import timedelta

import pytest

from governance.access.types import Role
from orchestra.core import clock
from qa.admin.compare_form import read_asked
from qa.measurement.parsing import parse_metric
from qa.measurement.services.storing import store as keep
from qa.measurement.types import Breakdown
from tests.factories.measured import made_case
from tests.factories.quality import metric
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def store(*, weeks_ago: int, count: int) -> None:
    """Cases that the store holds, opened so many weeks ago."""
    begin = clock.now() - timedelta(weeks=weeks_ago)
    names = [f"00000000-0000-0000-{weeks_ago:04}-{number:012}" for number in range(count)]
    keep({name: (made_case(name, begin, number), 1) for number, name in enumerate(names)})


def test_two_spans_stand_beside_each_other_with_the_difference(browser: Browser) -> None:
    store(weeks_ago=7, count=60)
    store(weeks_ago=3, count=60)
    client = browser(Role.QA_LEAD)
    page = client.get("/admin/outcomes/transfer_rate/compare/").content.decode()
    # Eight of sixty-eight handled contacts on both sides.
    assert "Transfer rate: 11.8 % against 11.8 %; whether it changed is not shown" in page
    assert "Newcombe" in page
    assert "By channel" in page
    times = client.get("/admin/outcomes/time_to_resolution/compare/").content.decode()
    assert "log-rank p = " in times
    assert times.count('class="line') == 2
    few = client.get("/admin/outcomes/transfer_rate/compare/?channel=voice").content.decode()
    assert "fewer than 30 on a side, intervals only" in few
    assert '<option value="voice" selected>' in few
    facts = client.get("/admin/outcomes/no_such/compare/")
    assert facts.status_code == 404


def test_what_cannot_be_read_is_said_and_nothing_is_computed(browser: Browser) -> None:
    page = browser(Role.QA_LEAD).get(
        "/admin/outcomes/transfer_rate/compare/?from1=x&to1=&from2=2026-01-01&to2=2026-12-31&v1=1"
    )
    text = page.content.decode()
    assert "Give the first and the last day of both spans." in text
    assert "at most 26 weeks long" in text
    assert "Name both versions, or none." in text
    assert "outcome-answers" not in text


def test_versions_are_asked_of_one_journey() -> None:
    spec = parse_metric(document=metric("transfer_rate"))
    given = {"v1": "4", "v2": "5"}
    assert read_asked(given, spec, clock.now()).wrong
    asked = read_asked({**given, "journey": "returns", "cut": "risk"}, spec, clock.now())
    assert (asked.wrong, asked.versions) == ((), ("4", "5"))
    assert asked.only == {Breakdown.JOURNEY: "returns"}
    assert asked.cut is Breakdown.RISK
