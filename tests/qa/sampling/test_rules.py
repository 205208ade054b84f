"""Plans that would claim more than they show are refused, with the reason."""

from typing import Any

import pytest

from orchestra.core.errors import InvalidInputError
from qa.sampling.parsing import parse_plan
from tests.factories.quality import plan, targeted
from tests.qa.sampling.test_parsing import LOT, acceptance, discovery, errors_of

Json = Any


@pytest.mark.parametrize(
    ("document", "field", "code"),
    [
        (targeted(claim="estimate"), "claim", "cannot_claim"),
        (targeted(claim="bound"), "claim", "cannot_claim"),
        (acceptance(claim="estimate"), "claim", "cannot_claim"),
        (discovery(claim="estimate"), "claim", "cannot_claim"),
        (plan(claim="lot"), "claim", "cannot_claim"),
        (plan(targets=["complaint"]), "targets", "other_kind"),
        (plan(at_most=5), "at_most", "other_kind"),
        (plan(acceptance=LOT), "acceptance", "other_kind"),
        (plan(allocation=None), "allocation", "required"),
        (plan(seed=None), "seed", "required"),
        (discovery(seed=None), "seed", "required"),
        (discovery(discovery=None), "discovery", "required"),
        (acceptance(acceptance=None), "acceptance", "required"),
        (acceptance(frame=None), "frame", "critical_in_lot"),
        (acceptance(frame=[{"by": "risk", "is": ["critical"]}]), "frame", "critical_in_lot"),
        (targeted(targets=None), "targets", "required"),
        (targeted(at_most=None), "at_most", "required"),
        (targeted(replacements={"reasons": ["unreadable"], "at_most_percent": 5}),
         "replacements", "other_kind"),
        (targeted(allocation={"method": "take_all"}), "allocation", "other_kind"),
        (targeted(strata={"by": ["risk"]}), "strata.by", "other_kind"),
        (plan(population={"unit": "interaction"}), "population.handled_by", "required"),
        (plan(population={"unit": "approval", "handled_by": ["ai"]}),
         "population.handled_by", "not_applicable"),
        (plan(population={"unit": "approval"}), "strata.by[1]", "not_applicable"),
        (plan(population={"unit": "case", "handled_by": ["ai"]}), "strata.by[1]", "one_value"),
        (plan(frame=[{"by": "queue", "is": ["a"]}, {"by": "queue", "is_not": ["b"]}]),
         "frame[1].by", "repeated"),
        (plan(frame=[{"by": "handled_by", "is": ["ai"]}]), "frame[0].by", "said_twice"),
        (plan(frame=[{"by": "risk", "is": ["high"]}]), "strata.by[0]", "one_value"),
        (plan(frame=[{"by": "risk", "is_not": ["critical"]}]),
         "strata.take_all[0].risk", "empty_stratum"),
        (plan(strata={"by": ["risk"], "take_all": [{"channel": "chat"}]}),
         "strata.take_all[0].channel", "no_such_stratum"),
        (plan(strata={"by": ["risk"], "take_all": [{"risk": "high"}, {"risk": "high"}]}),
         "strata.take_all[1]", "repeated"),
        (plan(allocation={"method": "proportional", "total": 1}), "allocation.total", "range"),
        (plan(strata=None), "allocation.method", "needs_strata"),
        (plan(schedule={"every": "week", "time_zone": "UTC", "draw": "at_close"}),
         "schedule.draw", "unknown_sizes"),
        (plan(allocation={"method": "take_all"}), "replacements", "nothing_left"),
        (plan(quotas={"per_agent_at_most": 3}), "quotas.per_agent_at_most", "breaks_chance"),
        (plan(quotas={"per_agent_at_least": 3}), "quotas.per_agent_at_least", "needs_strata"),
    ],
)  # fmt: skip
def test_a_plan_is_refused(document: Json, field: str, code: str) -> None:
    assert errors_of(document).get(field) == code


@pytest.mark.parametrize(
    "document",
    [
        plan(claim="nothing"),
        plan(strata={"by": ["agent"]}, quotas={"per_agent_at_least": 3}),
        plan(allocation={"method": "proportional", "total": 90}, strata=None),
        plan(population={"unit": "handoff"}, strata={"by": ["risk"]}),
        plan(
            schedule={"every": "day", "time_zone": "UTC", "draw": "at_close"},
            allocation={"method": "fixed", "otherwise": 4},
        ),
        acceptance(frame=[{"by": "risk", "is": ["low", "medium"]}]),
        discovery(frame=[{"by": "risk", "is": ["critical"]}]),
    ],
)
def test_a_plan_that_keeps_what_it_claims_is_not(document: Json) -> None:
    parse_plan(document=document)


def test_a_refusal_says_why_in_words() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_plan(document=targeted(claim="estimate"))
    (found,) = caught.value.errors
    assert found.message == (
        "what is picked for a reason stands for nothing else, so no share of the whole can be "
        "estimated from it; claim nothing, or draw by chance"
    )
