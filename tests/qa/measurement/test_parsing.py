"""Every error of a metric definition with its place, and the formulas there are."""

from typing import Any

import pytest

from governance.access.types import Role
from governance.reviews.types import Sign
from orchestra.core.errors import InvalidInputError
from qa.measurement.catalogue import FORMULAS
from qa.measurement.describing import describe_changes
from qa.measurement.parsing import parse_metric
from qa.measurement.types import Goal, Metric, Statistic, Transfer
from tests.factories.quality import metric, shipped

Json = Any

SIX = {
    "recontact_rate",
    "transfer_rate",
    "time_to_resolution",
    "after_contact_work",
    "exception_rate",
    "audit_completeness",
}


def errors_of(document: Json) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        parse_metric(document=document)
    assert caught.value.error_code == "metric_definition.invalid"
    return {one.field: one.code for one in caught.value.errors}


def test_every_formula_is_known_and_the_six_metrics_ship() -> None:
    assert set(FORMULAS) == set(Metric)
    assert {one["key"] for one in shipped("metric_definitions")} >= SIX


def test_definitions_read_as_written() -> None:
    recontact = parse_metric(document=metric())
    assert recontact.settings.window_days == 7
    assert recontact.settings.curve_days == (1, 3, 7, 14, 30)
    assert (recontact.goals, recontact.owner) == ((Goal(10.0),), Role.QA_LEAD)
    transfer = parse_metric(document=metric("transfer_rate"))
    assert transfer.settings.transfers == (
        Transfer.CROSS_TEAM,
        Transfer.ESCALATION,
        Transfer.EXTERNAL,
    )
    times = parse_metric(document=metric("time_to_resolution"))
    assert times.goals[1] == Goal(48.0, Statistic.P90)
    assert parse_metric(document=metric("audit_completeness")).goals[2].risk == "critical"


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        (metric(formula="happiness"), "formula", "choice"),
        (metric(unit="hours"), "unit", "fixed"),
        (metric(better="higher"), "better", "fixed"),
        (metric(cohort="closed"), "cohort", "fixed"),
        (metric(unit="furlongs"), "unit", "choice"),
        (metric(meaning=""), "meaning", "required"),
        (metric(clock="sun"), "clock", "choice"),
        (metric(time_zone="Nowhere"), "time_zone", "time_zone"),
        (metric(owner="ai_agent"), "owner", "choice"),
        (metric(settings={}), "settings.window_days", "number"),
        (metric(settings={"window_days": 7, "cap_minutes": 3}), "settings.cap_minutes",
         "unknown_field"),
        (metric("transfer_rate", settings={"return_minutes": 5}), "settings.transfers",
         "required"),
        (metric("transfer_rate", settings={"return_minutes": 5, "transfers": ["lost"]}),
         "settings.transfers[0]", "choice"),
        (metric(left_out=["spam"]), "left_out", "merged"),
        (metric(statistics=["median"]), "statistics", "not_applicable"),
        (metric("time_to_resolution", statistics=[]), "statistics", "required"),
        (metric("time_to_resolution", statistics=["mean"]), "statistics", "mean_of_closed"),
        (metric(targets=[{"at_least": 10}]), "targets[0].at_least", "direction"),
        (metric(targets=[{"at_most": 101}]), "targets[0].at_most", "number"),
        (metric(targets=[{"at_most": 0.12345}]), "targets[0].at_most", "number"),
        (metric(targets=[{"at_most": True}]), "targets[0].at_most", "number"),
        (metric(targets=[{"at_most": 5}, {"at_most": 6}]), "targets[1]", "repeated"),
        (metric(targets=[{"at_most": 5, "statistic": "median"}]), "targets[0].statistic",
         "not_applicable"),
        (metric("time_to_resolution", targets=[{"at_most": 5}]), "targets[0].statistic",
         "choice"),
        (metric(minimum_cases=1), "minimum_cases", "number"),
        (metric(breakdowns=["mood"]), "breakdowns[0]", "choice"),
    ],
)  # fmt: skip
def test_what_a_formula_cannot_be_is_refused(document: Json, field: str, code: str) -> None:
    assert errors_of(document).get(field) == code


def test_a_change_names_its_sentences() -> None:
    after = metric(
        settings={"window_days": 14}, targets=[{"at_most": 12.5}], beware=None, owner="supervisor"
    )
    found = {one.place: one for one in describe_changes(metric(), after)}
    assert set(found) == {"Window", "Curve at", "Owner", "Beware", "Target 1"}
    assert (found["Target 1"].before, found["Target 1"].after) == ("at most 10 %", "at most 12.5 %")
    assert {place for place, one in found.items() if one.sign is Sign.REMOVED} == {
        "Curve at",
        "Beware",
    }
