"""Quality's pages in the admin; importing this package mounts them."""

from qa.admin import (
    baseline,
    calibration,
    disputes,
    estimate,
    findings,
    metric_definitions,
    my_reviews,
    profile,
    quality_start,
    review_acts,
    review_page,
    reviews,
    sampling_periods,
    sampling_plans,
    scorecards,
)

__all__ = [
    "baseline",
    "calibration",
    "disputes",
    "estimate",
    "findings",
    "metric_definitions",
    "my_reviews",
    "profile",
    "quality_start",
    "review_acts",
    "review_page",
    "reviews",
    "sampling_periods",
    "sampling_plans",
    "scorecards",
]
