"""The pages of outcomes as it was known on a past day: said plainly, and a way back."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.access.types import Role
from orchestra.core import clock
from qa.measurement import known
from qa.measurement.models import MetricCell
from qa.measurement.services import follow_ledger
from qa.measurement.services.computing import this_monday
from tests.factories.measured import BEN, case_id, make_cells, open_case, place, resolve
from tests.qa.admin.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

CASES = 31


def cases_of_a_past_week() -> datetime:
    """Cases that were opened and resolved in the last whole week but one.

    Whatever hour it is, and in whatever zone, a day after that week is over.
    """
    now = clock.now()
    monday = this_monday(now=now, time_zone="America/New_York")
    at = datetime.combine(monday, datetime.min.time(), tzinfo=UTC) - timedelta(days=12)
    for number in range(CASES):
        open_case(number + 1, at, customer=f"customer-{number}")
        resolve(case_id(number + 1), at + timedelta(hours=2), by=BEN)
    place(now)
    follow_ledger(now=now)
    return at


def test_what_was_known_then_is_told_and_said(browser: Browser) -> None:
    at = cases_of_a_past_week()
    client = browser(Role.QA_LEAD)
    day = (at + timedelta(days=8)).date()
    for address in ("/admin/outcomes/", "/admin/outcomes/time_to_resolution/"):
        now = client.get(address).content.decode()
        assert 'name="as_of"' in now
        assert "As it was known at the end of" not in now
        then = client.get(f"{address}?as_of={day}").content.decode()
        said = f"As it was known at the end of {day.day} {day:%B %Y}, UTC."
        assert said in then
        assert f'<a href="{address}">The numbers as they are known now</a>' in then
        assert "2.0 h" in then
        assert "2.0 h" not in now
        assert "are hours old" not in then
        assert "By week" not in then
        assert "/export/csv/" not in then
        assert f"{address}cases/" not in then
    assert (
        f"/admin/outcomes/transfer_rate/?as_of={day}"
        in client.get(f"/admin/outcomes/?as_of={day}").content.decode()
    )
    assert not MetricCell.objects.exists()
    # Of a moment, not a day.
    moment = client.get("/admin/outcomes/?as_of=2026-01-31T10:00:00Z").content.decode()
    assert "As it was known on 31 January 2026 10:00, UTC." in moment


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("yesterday", "Give a day"),
        ("2026-02-31", "Give a day"),
        ("2026-01-31T10:00", "Give a day"),
        ("9999-12-31", "Give a day"),
        ("2999-01-01", "Choose a day that is over"),
        ("1066-10-14", "Nothing was recorded before 2000"),
    ],
)
@pytest.mark.parametrize("address", ["/admin/outcomes/", "/admin/outcomes/recontact_rate/"])
def test_a_bad_day_is_refused_in_words_beside_the_numbers_of_now(
    browser: Browser, address: str, asked: str, said: str
) -> None:
    make_cells(now=clock.now())
    text = browser(Role.QA_LEAD).get(f"{address}?as_of={asked}").content.decode()
    assert said in text
    assert "These are the numbers as they are known now." in text
    assert 'aria-invalid="true"' in text
    assert "12.5 %" in text
    assert f"{address}cases/" in text or "/export/csv/" in text


def test_too_many_cases_are_left_to_the_command(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = cases_of_a_past_week()
    monkeypatch.setattr(known, "MOST_CASES", CASES - 1)
    day = (at + timedelta(days=3)).date()
    text = browser(Role.QA_LEAD).get(f"/admin/outcomes/?as_of={day}").content.decode()
    assert f"{CASES} cases would have to be read again" in text
    assert "manage.py metrics show --as-of" in text
