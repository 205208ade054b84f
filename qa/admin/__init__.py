"""Quality's pages in the admin; importing this package mounts them."""

from qa.admin import (
    baseline,
    calibration,
    estimate,
    findings,
    metric_definitions,
    quality_start,
    review_page,
    reviews,
    sampling_periods,
    sampling_plans,
    scorecards,
)

__all__ = [
    "baseline",
    "calibration",
    "estimate",
    "findings",
    "metric_definitions",
    "quality_start",
    "review_page",
    "reviews",
    "sampling_periods",
    "sampling_plans",
    "scorecards",
]
