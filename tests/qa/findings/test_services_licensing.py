"""Licences follow drawn reviews, and nothing else."""

from datetime import timedelta

import pytest

from governance.ledger.models import LedgerEntry
from qa.findings import services
from qa.findings.licensing import Counts
from qa.findings.models import CheckLicence, UnitCheck
from qa.findings.services.licensing import count_agreement
from qa.population.models import SamplingUnit
from qa.reviewing.models import Review
from tests.factories.access import MADE_AT
from tests.factories.cases import last_payload
from tests.factories.sampled import WEEK, draw_units, make_period, make_review, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

NOW = MADE_AT + 2 * WEEK
SERIES = "promise_kept/1"


def reviewed(*pairs: tuple[str, str], series: str = SERIES, drawn: bool = True) -> list[Review]:
    """What people answered and the check said, one unit a pair."""
    units = [make_unit() for _pair in pairs]
    places = {}
    if drawn:
        period = make_period(starts_at=MADE_AT + timedelta(seconds=SamplingUnit.objects.count()))
        rows = draw_units(period, {"all": units}, {"all": len(units)})
        places = {row.unit_id: row for row in rows}
    found = []
    for unit, (answer, result) in zip(units, pairs, strict=True):
        UnitCheck.objects.create(
            unit=unit,
            check_key=series.partition("/")[0],
            series=series,
            result=result,
            at=unit.ended_at,
        )
        answers = {"told_what_happened": {"value": answer}}
        found.append(make_review(unit, drawn=places.get(unit.pk), answers=answers))
    return found


def counts() -> Counts:
    return count_agreement(since=MADE_AT, until=NOW).get(("promise_kept", SERIES), Counts())


def test_only_drawn_first_reviews_of_what_the_check_judged_are_counted() -> None:
    reviewed(("no", "found"), ("no", "fine"), ("yes", "fine"), ("yes", "found"), ("n/a", "fine"))
    reviewed(("no", "does_not_apply"), ("no", "skipped"))
    assert counts() == Counts(failures=2, caught=1, passes=2, passed=1)
    reviewed(("no", "found"), drawn=False)
    second = reviewed(("no", "found"))[0]
    second.kind = "calibration"
    second.save()
    waiting = reviewed(("no", "found"))[0]
    waiting.state = "taken"
    waiting.save()
    old = reviewed(("no", "found"))[0]
    old.submitted_at = MADE_AT - timedelta(days=1)
    old.save()
    assert counts() == Counts(failures=2, caught=1, passes=2, passed=1)


def test_a_licence_is_given_taken_and_recorded() -> None:
    reviewed(*[("no", "found")] * 30, *[("yes", "fine")] * 30)
    (given,) = services.update_licences(now=NOW)
    assert (given.series, given.state, given.failures, given.caught) == (SERIES, "licensed", 30, 30)
    payload = last_payload("system")
    assert (payload["was"], payload["state"]) == ("advisory", "licensed")
    assert payload["answered_by"] == "checks and people"
    entries = LedgerEntry.objects.count()
    assert services.update_licences(now=NOW) == []
    assert LedgerEntry.objects.count() == entries
    (taken,) = services.update_licences(now=NOW + timedelta(weeks=9))
    assert (taken.state, taken.failures) == ("advisory", 0)
    payload = last_payload("system")
    assert (payload["was"], payload["answered_by"]) == ("licensed", "people")


def test_a_new_series_starts_without_a_licence() -> None:
    reviewed(*[("no", "found")] * 30, *[("yes", "fine")] * 30)
    services.update_licences(now=NOW)
    reviewed(("no", "found"), series="promise_kept/2")
    assert services.update_licences(now=NOW) == []
    states = dict(CheckLicence.objects.values_list("series", "state"))
    assert states == {SERIES: "licensed", "promise_kept/2": "advisory"}
