"""What the standing reports found over spans too long to be read while somebody waits."""

from django.db import models


class ReportRun(models.Model):
    """The lines of every report over one span, as they were when they were made.

    ``lines`` holds by code of a report what ``Line`` holds. ``asked_at`` is when somebody last
    looked and found none, or old ones; ``begun_at`` when a worker last began to make them.
    """

    since = models.DateTimeField()
    until = models.DateTimeField()
    asked_at = models.DateTimeField()
    looked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)
    lines = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["since", "until"], name="report_run_once")]

    def __str__(self) -> str:
        return f"reports from {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}"
