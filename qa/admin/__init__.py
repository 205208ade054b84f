"""Quality's pages in the admin; importing this package mounts them."""

  "baseline", "metric_definitions", "sampling_plans", "scorecards", "findings",
