"""Targets in force, the alerts they open, and what people answer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from governance.access.types import Role
from governance.ledger.models import LedgerEntry
from orchestra.core.errors import ConflictError, InvalidInputError, NotPermittedError
from qa.measurement.models import MetricCell
from qa.targets.models import OutcomeAlert, OutcomeTargetVersion
from qa.targets.selectors import SHELF
from qa.targets.services import (
    acknowledge_alert,
    close_alert,
    publish_target,
    retire_target,
    watch_targets,
)
from tests.factories.access import FACTORY, make_person
from tests.factories.targets import FIRST, make_alert, make_cell, target

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

Json = Any
NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)
CHAT, MAIL = "returns / low / chat", "returns / low / email"


def in_force(**changes: Json) -> OutcomeTargetVersion:
    document = target(metric="transfer_rate", at_most=10, **changes)
    return publish_target(actor=FACTORY, now=NOW, document=document)


def kinds() -> list[str]:
    found = LedgerEntry.objects.filter(kind__startswith="outcome_alert.").order_by("pk")
    return list(found.values_list("kind", flat=True))


def bad_weeks(*, good: int = 4, bad: int = 4) -> None:
    """Mail is transferred more and more in the last weeks; chat stays as it was."""
    for number in range(good + bad):
        mail = 8 if number < good else 40
        make_cell(number, (CHAT, 8, 100), (MAIL, mail, 100), now=NOW)


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"metric": "happiness"}, ["unknown_metric"]),
        ({"at_most": None, "at_least": 3}, ["direction"]),
        ({"statistic": "median"}, ["choice"]),
        ({"metric": "time_to_resolution"}, ["choice"]),
        ({"metric": "time_to_resolution", "statistic": "p90"}, []),
        ({"metric": "time_to_resolution", "statistic": "restricted_mean"}, ["choice"]),
        ({"journey": "no_such"}, ["unknown_journey"]),
        (
            {"metric": "time_to_resolution", "statistic": "p90", "journey": "no_such"},
            ["not_by_journey", "unknown_journey"],
        ),
    ],
)
def test_a_target_fits_the_metric_it_names(changes: Json, codes: list[str]) -> None:
    assert [one.code for one in SHELF.find_errors(target(**changes))] == codes
    if codes:
        with pytest.raises(InvalidInputError):
            publish_target(actor=FACTORY, now=NOW, document=target(**changes))


def test_weeks_together_open_one_alert_with_what_moved_it() -> None:
    version = in_force()
    bad_weeks()
    assert watch_targets(now=NOW) == 1
    assert watch_targets(now=NOW) == 0
    alert = OutcomeAlert.objects.get()
    assert (alert.target, alert.state, alert.sign) == (version.target, "open", "two_of_three")
    assert [one["value"] for one in alert.weeks] == [24.0, 24.0, 24.0]
    assert (alert.driver["by"], alert.driver["key"]) == ("channel", "email")
    assert alert.driver["points"] == pytest.approx(16.0)
    assert kinds() == ["outcome_alert.opened"]


def test_what_is_kept_again_or_has_no_target_any_more_is_closed() -> None:
    version = in_force()
    make_alert(version, NOW)
    for number in range(3):
        make_cell(number, (CHAT, 5, 100), now=NOW)
    assert watch_targets(now=NOW) == 1
    assert OutcomeAlert.objects.get().ending == "kept_again"
    OutcomeAlert.objects.all().delete()
    make_alert(version, NOW)
    MetricCell.objects.all().delete()
    retire_target(actor=FACTORY, now=NOW, key=version.target.key)
    assert watch_targets(now=NOW) == 1
    assert OutcomeAlert.objects.get().ending == "target_gone"


def test_the_queries_do_not_grow_with_the_targets(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for key in ("one", "two", "three"):
        in_force(key=key)
    with django_assert_num_queries(4):
        watch_targets(now=NOW)


def test_an_answer_is_recorded_and_a_newer_week_opens_another() -> None:
    version = in_force(owner="supervisor")
    bad_weeks(bad=3)
    watch_targets(now=NOW)
    alert = OutcomeAlert.objects.get()
    owner = make_person(roles=[Role.SUPERVISOR]).as_actor()
    given: dict[str, Any] = {"now": NOW, "alert_id": alert.public_id}
    found = acknowledge_alert(actor=owner, note=" More people on mail. ", **given)
    assert (found.state, found.note) == ("acknowledged", "More people on mail.")
    with pytest.raises(ConflictError):
        acknowledge_alert(actor=owner, note="Again.", **given)
    lead = make_person(roles=[Role.QA_LEAD]).as_actor()
    assert close_alert(actor=lead, note="An import.", **given).ending == "by_person"
    with pytest.raises(ConflictError):
        close_alert(actor=lead, note="Again.", **given)
    # The same weeks say nothing new; one more does.
    assert watch_targets(now=NOW) == 0
    make_cell(7, (MAIL, 40, 100), now=NOW, first=FIRST)
    assert watch_targets(now=NOW + timedelta(weeks=1)) == 1
    assert OutcomeAlert.objects.filter(target=version.target).count() == 2
    assert kinds() == [
        "outcome_alert.opened",
        "outcome_alert.acknowledged",
        "outcome_alert.closed",
        "outcome_alert.opened",
    ]


def test_only_who_answers_for_it_answers_and_not_without_a_word() -> None:
    alert = make_alert(in_force(owner="supervisor"), NOW)
    other = make_person(roles=[Role.QA_ANALYST]).as_actor()
    owner = make_person(roles=[Role.SUPERVISOR]).as_actor()
    given: dict[str, Any] = {"now": NOW, "alert_id": alert.public_id}
    for act in (acknowledge_alert, close_alert):
        with pytest.raises(NotPermittedError):
            act(actor=other, note="Mine.", **given)
        with pytest.raises(InvalidInputError):
            act(actor=owner, note=" ", **given)
    alert.refresh_from_db()
    assert (alert.state, kinds()) == ("open", [])
