"""Every error of a sampling plan with its place."""

from typing import Any

import pytest

from governance.access.types import Role
from orchestra.core.errors import InvalidInputError
from qa.population.types import Dimension
from qa.sampling.parsing import parse_plan
from qa.sampling.types import (
    Acceptance,
    Cell,
    Claim,
    Discovery,
    Filter,
    Method,
    PlanKind,
    Severity,
    Spread,
)
from tests.factories.quality import plan, targeted

Json = Any

LOT = {
    "standard": "iso_2859_1",
    "level": "II",
    "aql_percent": "1.0",
    "lot": ["journey", "cue_sheet_version"],
    "expected_lot_size": 1200,
}


def acceptance(**changes: Json) -> Json:
    given = {
        "kind": "acceptance",
        "claim": "lot",
        "strata": None,
        "allocation": None,
        "acceptance": LOT,
        "frame": [{"by": "risk", "is_not": ["critical"]}],
    }
    return plan(**{**given, **changes})


def discovery(**changes: Json) -> Json:
    given = {
        "kind": "discovery",
        "claim": "bound",
        "strata": None,
        "allocation": None,
        "discovery": {"confidence_percent": 95, "less_than_percent": 2},
    }
    return plan(**{**given, **changes})


def errors_of(document: Json) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        parse_plan(document=document)
    assert caught.value.error_code == "sampling_plan.invalid"
    return {one.field: one.code for one in caught.value.errors}


def test_the_weekly_plan_reads_as_written() -> None:
    spec = parse_plan(document=plan())
    assert (spec.kind, spec.claim, spec.seed_hours) == (PlanKind.PROBABILITY, Claim.ESTIMATE, 6)
    assert spec.strata.by == (Dimension.RISK, Dimension.HANDLED_BY)
    assert spec.strata.take_all == (Cell(((Dimension.RISK, "critical"),)),)
    assert spec.allocation is not None
    assert (spec.allocation.method, spec.allocation.total) == (Method.NEYMAN, 180)
    assert (spec.allocation.spread, spec.allocation.weeks) == (Spread.REVIEW_MINUS_CHECK, 4)
    assert spec.reviewing.roles == (Role.QA_ANALYST, Role.QA_LEAD)


def test_the_directed_plan_reads_as_written() -> None:
    spec = parse_plan(document=targeted())
    assert (spec.kind, spec.claim, spec.at_most) == (PlanKind.TARGETED, Claim.NOTHING, 40)
    assert spec.frame == (Filter(Dimension.RISK, ("low",), is_not=True),)


def test_plans_by_lots_and_of_discovery_read_as_written() -> None:
    assert parse_plan(document=acceptance()).acceptance == Acceptance(
        "II", "1.0", (Dimension.JOURNEY, Dimension.CUE_SHEET_VERSION), 1200, Severity.NORMAL
    )
    number = acceptance(acceptance={**LOT, "aql_percent": 1.0})
    assert parse_plan(document=number) == parse_plan(document=acceptance())
    assert parse_plan(document=discovery()).discovery == Discovery(95, 2)


def test_fixed_sizes_and_taking_all_need_no_total() -> None:
    sizes = [{"of": {"risk": "high", "handled_by": "ai"}, "size": 30}]
    fixed = plan(allocation={"method": "fixed", "sizes": sizes, "otherwise": 10})
    allocation = parse_plan(document=fixed).allocation
    assert allocation is not None
    assert allocation.sizes[0].cell.values == (
        (Dimension.HANDLED_BY, "ai"),
        (Dimension.RISK, "high"),
    )
    assert (allocation.total, allocation.otherwise) == (None, 10)
    everything = plan(allocation={"method": "take_all"}, replacements=None, seed=None)
    assert parse_plan(document=everything).seed_hours is None


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        (plan(seed={"committed_hours_before": 6, "seed": "w47"}), "seed.seed", "seed_in_plan"),
        (plan(seed={}), "seed.committed_hours_before", "number"),
        (plan(frame=[{"by": "score", "is": ["5"]}]), "frame[0].by", "choice"),
        (plan(frame=[{"by": "risk", "is": ["huge"]}]), "frame[0].is[0]", "choice"),
        (plan(frame=[{"by": "risk"}]), "frame[0]", "filter"),
        (plan(frame=[{"by": "risk", "is": ["low"], "is_not": ["low"]}]), "frame[0]", "filter"),
        (plan(frame=[{"by": "risk", "is": []}]), "frame[0].is", "required"),
        (plan(strata={"by": ["risk", "risk"]}), "strata.by", "repeated"),
        (plan(strata={"by": ["risk"], "take_all": [{}]}), "strata.take_all[0]", "required"),
        (
            plan(schedule={"every": "week", "time_zone": "Mars/One", "draw": "at_close"}),
            "schedule.time_zone",
            "time_zone",
        ),
        (
            plan(schedule={"every": "week", "time_zone": "UTC", "draw": "after_period"}),
            "schedule.at",
            "required",
        ),
        (
            plan(schedule={"every": "week", "time_zone": "UTC", "draw": "at_close", "at": "6 h"}),
            "schedule.at",
            "required",
        ),
        (plan(allocation={"method": "neyman", "total": 0}), "allocation.total", "number"),
        (plan(allocation={"method": "fixed"}), "allocation", "required"),
        (plan(allocation={"method": "fixed", "total": 5}), "allocation.total", "unknown_field"),
        (plan(quotas={"per_agent_at_least": 5, "per_agent_at_most": 2}),
         "quotas.per_agent_at_least", "range"),
        (plan(replacements={"reasons": ["unreadable"]}), "replacements", "incomplete"),
        (plan(reviewing={"scorecard": "c", "roles": ["ai_agent"]}), "reviewing.roles[0]", "choice"),
        (acceptance(acceptance={**LOT, "aql_percent": "3"}), "acceptance.aql_percent", "choice"),
        (acceptance(acceptance={**LOT, "lot": []}), "acceptance.lot", "required"),
        (acceptance(acceptance={**LOT, "standard": "own"}), "acceptance.standard", "choice"),
        (discovery(discovery={"confidence_percent": 95, "less_than_percent": 0}),
         "discovery.less_than_percent", "number"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(document: Json, field: str, code: str) -> None:
    assert errors_of(document).get(field) == code


def test_a_target_belongs_to_a_plan_that_estimates() -> None:
    assert parse_plan(document=plan(target_percent=92.5)).target_percent == 92.5
    assert parse_plan(document=plan()).target_percent is None
    for document, code in [
        (plan(target_percent=0), "number"),
        (plan(target_percent="90"), "number"),
        (plan(claim="nothing", target_percent=90), "no_estimate"),
        (targeted(target_percent=90), "no_estimate"),
    ]:
        with pytest.raises(InvalidInputError) as caught:
            parse_plan(document=document)
        assert [(one.field, one.code) for one in caught.value.errors] == [("target_percent", code)]
