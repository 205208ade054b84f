"""Where metric definitions are kept, and a version as a value."""

from cases.journeys.models import CueSheet
from qa.documents.types import Shelf
from qa.measurement import entries
from qa.measurement.models import MetricDefinition, MetricVersion
from qa.measurement.parsing import parse_metric
from qa.measurement.types import MetricSpec

DOCUMENT_KIND = "metric_definition"
SHELF = Shelf(
    kind=DOCUMENT_KIND,
    document=MetricDefinition,
    version=MetricVersion,
    link="metric",
    published=entries.PUBLISHED,
    retired=entries.RETIRED,
    fields=lambda document, _versions: {"formula": document["formula"]},
)


def spec_of(version: MetricVersion) -> MetricSpec:
    """Return a stored version as a value."""
    return parse_metric(document=version.document)


def journey_keys() -> frozenset[str]:
    """Return the keys of the cue sheets that a target may name."""
    return frozenset(CueSheet.objects.values_list("key", flat=True))
