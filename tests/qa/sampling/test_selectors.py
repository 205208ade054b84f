import pytest

from qa.sampling import registry, selectors
from qa.sampling.models import SamplingPlanVersion
from qa.sampling.parsing import parse_plan
from tests.factories.access import make_queue
from tests.factories.quality import plan

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("shipped")
def test_a_stored_version_reads_as_its_document() -> None:
    version = SamplingPlanVersion.objects.get(plan__key="weekly")
    assert selectors.spec_of(version) == parse_plan(document=plan())
    assert registry.present_scorecards() == {"conversations", "handoffs"}


def test_queues_are_known_by_key() -> None:
    make_queue("returns")
    assert selectors.queue_keys() == {"returns"}
