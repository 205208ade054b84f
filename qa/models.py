"""Re-exports the rooms' models for Django; imported by nobody."""

from qa.calendars.models import CalendarVersion
from qa.calibration.models import CalibrationSession
from qa.digest.models import OutcomeDigest
from qa.disputes.models import Coaching, Dispute, Judged
from qa.figures.models import FrameSum
from qa.findings.models import (
    CheckCursor,
    CheckLicence,
    CheckSum,
    Finding,
    UnitCheck,
    UnitVerdict,
)
from qa.gold.models import GoldItem
from qa.history.models import PastLog, PastLogCase, PastLogEvent
from qa.measurement.models import (
    MeasureCursor,
    MeasuredCase,
    MeasuredContact,
    MeasuredEpisode,
    MeasuredGap,
    MeasuredHandover,
    MeasuredMix,
    MeasuredStep,
    MeasuredWait,
    MeasuredWord,
    MeasuredWork,
    MetricCell,
    MetricDefinition,
    MetricVersion,
)
from qa.population.models import DayMark, PopulationReader, SamplingUnit
from qa.reviewing.models import Review
from qa.sampling.models import (
    DrawnUnit,
    FrameUnit,
    SamplePeriod,
    SamplingPlan,
    SamplingPlanVersion,
)
from qa.scorecards.models import Scorecard, ScorecardVersion
from qa.targets.models import OutcomeAlert, OutcomeTarget, OutcomeTargetVersion

__all__ = [
    "CalendarVersion",
    "CalibrationSession",
    "CheckCursor",
    "CheckLicence",
    "CheckSum",
    "Coaching",
    "DayMark",
    "Dispute",
    "DrawnUnit",
    "Finding",
    "FrameSum",
    "FrameUnit",
    "GoldItem",
    "Judged",
    "MeasureCursor",
    "MeasuredCase",
    "MeasuredContact",
    "MeasuredEpisode",
    "MeasuredGap",
    "MeasuredHandover",
    "MeasuredMix",
    "MeasuredStep",
    "MeasuredWait",
    "MeasuredWord",
    "MeasuredWork",
    "MetricCell",
    "MetricDefinition",
    "MetricVersion",
    "OutcomeAlert",
    "OutcomeDigest",
    "OutcomeTarget",
    "OutcomeTargetVersion",
    "PastLog",
    "PastLogCase",
    "PastLogEvent",
    "PopulationReader",
    "Review",
    "SamplePeriod",
    "SamplingPlan",
    "SamplingPlanVersion",
    "SamplingUnit",
    "Scorecard",
    "ScorecardVersion",
    "UnitCheck",
    "UnitVerdict",
]
