"""What is done with sampling plans, their periods, and what is drawn."""

from qa.sampling.services.drawing import draw_due
from qa.sampling.services.explaining import agree, explain
from qa.sampling.services.opening import open_due
from qa.sampling.services.publishing import publish_plan, retire_plan
from qa.sampling.services.redrawing import redraw_period
from qa.sampling.services.replacing import replace_unit

__all__ = [
    "agree",
    "draw_due",
    "explain",
    "open_due",
    "publish_plan",
    "redraw_period",
    "replace_unit",
    "retire_plan",
]
