"""Versions of the hours of a centre."""

from django.db import models


class CalendarVersion(models.Model):
    """One version of a centre's hours; never changed, only followed by another.

    ``week`` holds seven lists of [begin, end] in minutes of the day, Monday first;
    ``exceptional`` a list of {on, openings, name}.
    """

    number = models.PositiveIntegerField(unique=True)
    since = models.DateTimeField(unique=True)
    time_zone = models.CharField(max_length=64)
    week = models.JSONField()
    exceptional = models.JSONField(default=list)
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["since"]

    def __str__(self) -> str:
        return f"business hours {self.number}"
