"""Where sampling plans are kept, and a version as a value."""

from governance.access.models import Queue
from qa.documents.types import Shelf
from qa.sampling import entries
from qa.sampling.models import SamplingPlan, SamplingPlanVersion
from qa.sampling.parsing import parse_plan
from qa.sampling.types import PlanSpec

DOCUMENT_KIND = "sampling_plan"
SHELF = Shelf(
    kind=DOCUMENT_KIND,
    document=SamplingPlan,
    version=SamplingPlanVersion,
    link="plan",
    published=entries.PUBLISHED,
    retired=entries.RETIRED,
    fields=lambda document, _versions: {"kind": document["kind"]},
)


def spec_of(version: SamplingPlanVersion) -> PlanSpec:
    """Return a stored version as a value."""
    return parse_plan(document=version.document)


def queue_keys() -> frozenset[str]:
    """Return the keys of the queues that a frame may name."""
    return frozenset(Queue.objects.values_list("key", flat=True))
