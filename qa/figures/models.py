"""What frames come to by the day: sizes, verdicts and what checks did, as sums."""

from django.db import models

from orchestra.core.fields import CodeField, enum_field
from qa.figures.types import InFrame
from qa.sampling.models import SamplePeriod


class FrameSum(models.Model):
    """How many units of a period's frame there are of one kind, of those of one day of UTC.

    Of ``what`` three things are counted: units by stratum, verdicts by stratum and series, with
    those that ``passed``, and what checks did (``value`` is the result). Made again at will from
    the rows themselves; a day with a mark is being made anew.
    """

    day = models.DateField()
    period = models.ForeignKey(
        SamplePeriod, on_delete=models.CASCADE, related_name="sums", db_index=False
    )
    what = enum_field(InFrame)
    stratum = models.CharField(max_length=300, blank=True)
    check_key = CodeField(blank=True)
    series = models.CharField(max_length=150, blank=True)
    value = CodeField(blank=True)
    why = CodeField(blank=True)
    count = models.PositiveIntegerField()
    passed = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["period", "what", "day"], name="frame_sum_period"),
            models.Index(fields=["day"], name="frame_sum_day"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.period_id} on {self.day}"
