"""Keep the sums that the figures are read from."""

from qa.figures.services.summing import Rebuilt, rebuild_sums, sum_days

__all__ = ["Rebuilt", "rebuild_sums", "sum_days"]
