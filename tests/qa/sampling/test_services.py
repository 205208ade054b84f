"""A plan names scorecards and queues that exist, and what claims a number takes two votes."""

from datetime import datetime

import pytest

from governance.ledger.models import LedgerEntry
from governance.reviews.registry import documents
from governance.reviews.types import RiskLevel
from orchestra.core.errors import InvalidInputError
from qa.sampling.models import SamplingPlanVersion
from qa.sampling.selectors import SHELF
from qa.sampling.services import publish_plan, retire_plan
from tests.factories.access import FACTORY, make_queue
from tests.factories.quality import plan, targeted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def test_a_plan_names_what_there_is(now: datetime) -> None:
    make_queue("returns")
    wrong = plan(
        frame=[{"by": "queue", "is": ["returns", "retruns"]}],
        reviewing={"scorecard": "conversation", "roles": ["qa_lead"]},
    )
    found = {one.field: one for one in SHELF.find_errors(wrong)}
    assert set(found) == {"reviewing.scorecard", "frame[0].is[1]"}
    assert "did you mean conversations?" in found["reviewing.scorecard"].message
    assert "did you mean returns?" in found["frame[0].is[1]"].message
    with pytest.raises(InvalidInputError):
        publish_plan(actor=FACTORY, now=now, document=wrong)
    right = plan(frame=[{"by": "queue", "is": ["returns"]}])
    version = publish_plan(actor=FACTORY, now=now, document=right)
    assert (version.number, version.kind) == (2, "probability")


def test_a_plan_is_taken_out_of_force(now: datetime) -> None:
    retire_plan(actor=FACTORY, now=now, key="weekly")
    assert SamplingPlanVersion.objects.get(plan__key="weekly").state == "retired"
    assert LedgerEntry.objects.filter(kind="sampling_plan.retired").count() == 1


def test_a_number_for_the_whole_takes_two_votes() -> None:
    kind = documents.get("sampling_plan")
    assert kind.risk(plan()) is RiskLevel.HIGH
    assert kind.risk(targeted()) is RiskLevel.MEDIUM
    assert kind.quorum[RiskLevel.HIGH].votes == 2
