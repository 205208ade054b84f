"""Quality's pages in the admin; importing this package mounts them."""

from qa.admin import metric_definitions, sampling_plans, scorecards

__all__ = ["metric_definitions", "sampling_plans", "scorecards"]
