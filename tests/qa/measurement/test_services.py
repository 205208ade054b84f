"""A definition names journeys that exist, and what compliance leans on takes two votes."""

from datetime import datetime

import pytest

from cases.journeys.models import CueSheet
from governance.ledger.models import LedgerEntry
from governance.reviews.registry import documents
from governance.reviews.types import RiskLevel
from orchestra.core.errors import InvalidInputError
from orchestra.core.history import save_as
from qa.measurement.models import MetricVersion
from qa.measurement.selectors import SHELF
from qa.measurement.services import publish_metric, retire_metric
from tests.factories.access import FACTORY
from tests.factories.quality import metric

pytestmark = pytest.mark.django_db


def test_a_target_names_a_journey_that_there_is(now: datetime) -> None:
    save_as(CueSheet(key="cancel_order", title="Cancel an order"), actor=FACTORY)
    wrong = metric(targets=[{"at_most": 5, "journey": "cancel_ordre"}])
    (found,) = SHELF.find_errors(wrong)
    assert (found.field, found.code) == ("targets[0].journey", "unknown_journey")
    assert "did you mean cancel_order?" in found.message
    with pytest.raises(InvalidInputError):
        publish_metric(actor=FACTORY, now=now, document=wrong)
    right = metric(targets=[{"at_most": 5, "journey": "cancel_order"}, {"at_most": 10}])
    version = publish_metric(actor=FACTORY, now=now, document=right)
    assert (version.number, version.formula) == (1, "recontact_rate")


def test_a_definition_is_taken_out_of_force(now: datetime) -> None:
    publish_metric(actor=FACTORY, now=now, document=metric())
    retire_metric(actor=FACTORY, now=now, key="recontact_rate")
    assert MetricVersion.objects.get().state == "retired"
    assert LedgerEntry.objects.filter(kind="metric_definition.retired").count() == 1


def test_what_compliance_leans_on_takes_two_votes() -> None:
    kind = documents.get("metric_definition")
    assert kind.risk(metric()) is RiskLevel.MEDIUM
    assert kind.risk(metric("audit_completeness")) is RiskLevel.HIGH
