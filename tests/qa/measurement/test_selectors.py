import pytest

from cases.journeys.models import CueSheet
from orchestra.core.history import save_as
from qa.measurement import selectors
from qa.measurement.models import MetricVersion
from qa.measurement.parsing import parse_metric
from tests.factories.access import FACTORY
from tests.factories.quality import metric

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("shipped")
def test_a_stored_version_reads_as_its_document() -> None:
    version = MetricVersion.objects.get(metric__key="recontact_rate")
    assert selectors.spec_of(version) == parse_metric(document=metric())


def test_journeys_are_known_by_the_key_of_their_cue_sheet() -> None:
    save_as(CueSheet(key="cancel_order", title="Cancel an order"), actor=FACTORY)
    assert "cancel_order" in selectors.journey_keys()
