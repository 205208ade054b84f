"""Where sampling plans are kept, and a version as a value."""

from collections.abc import Iterator

from governance.access.models import Queue
from governance.policies.reading import nearest
from orchestra.core.errors import FieldError
from qa.documents.types import Shelf, errors_of
from qa.population.types import Dimension
from qa.sampling import entries, registry
from qa.sampling.models import SamplingPlan, SamplingPlanVersion
from qa.sampling.parsing import parse_plan
from qa.sampling.types import PlanSpec

DOCUMENT_KIND = "sampling_plan"


def spec_of(version: SamplingPlanVersion) -> PlanSpec:
    """Return a stored version as a value."""
    return parse_plan(document=version.document)


def queue_keys() -> frozenset[str]:
    """Return the keys of the queues that a frame may name."""
    return frozenset(Queue.objects.values_list("key", flat=True))


def _find_unknown(plan: PlanSpec) -> Iterator[FieldError]:
    scorecard, known = plan.reviewing.scorecard, registry.present_scorecards()
    if scorecard not in known:
        message = f"no scorecard {scorecard} is in force{nearest(scorecard, known)}"
        yield FieldError("reviewing.scorecard", "unknown_scorecard", message)
    if not any(one.by is Dimension.QUEUE for one in plan.frame):
        return
    queues = queue_keys()
    for index, one in enumerate(plan.frame):
        if one.by is Dimension.QUEUE:
            for at, value in enumerate(one.values):
                if value not in queues:
                    path = f"frame[{index}].{'is_not' if one.is_not else 'is'}[{at}]"
                    message = f"there is no queue {value}{nearest(value, queues)}"
                    yield FieldError(path, "unknown_queue", message)


SHELF = Shelf(
    kind=DOCUMENT_KIND,
    document=SamplingPlan,
    version=SamplingPlanVersion,
    title="sampling plan",
    find_errors=errors_of(parse_plan, _find_unknown),
    link="plan",
    published=entries.PUBLISHED,
    retired=entries.RETIRED,
    fields=lambda document, _versions: {"kind": document["kind"]},
)
