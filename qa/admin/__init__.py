"""Quality's pages in the admin; importing this package mounts them."""

from qa.admin import (
    baseline,
    findings,
    metric_definitions,
    review_page,
    reviews,
    sampling_plans,
    scorecards,
)

__all__ = [
    "baseline",
    "findings",
    "metric_definitions",
    "review_page",
    "reviews",
    "sampling_plans",
    "scorecards",
]
