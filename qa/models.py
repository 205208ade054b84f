"""Re-exports the rooms' models for Django; imported by nobody."""

from qa.measurement.models import MetricDefinition, MetricVersion
from qa.sampling.models import SamplingPlan, SamplingPlanVersion
from qa.scorecards.models import Scorecard, ScorecardVersion

__all__ = [
    "MetricDefinition",
    "MetricVersion",
    "SamplingPlan",
    "SamplingPlanVersion",
    "Scorecard",
    "ScorecardVersion",
]
