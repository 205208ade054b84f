"""What is done with sampling plans, their periods, and what is drawn."""

from qa.sampling.services.drawing import draw_due
from qa.sampling.services.opening import open_due
from qa.sampling.services.publishing import find_errors, publish_plan, retire_plan

__all__ = ["draw_due", "find_errors", "open_due", "publish_plan", "retire_plan"]
