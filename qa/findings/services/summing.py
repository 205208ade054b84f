"""Keep what checks and findings come to by the day."""

from datetime import date

from qa.findings.counting import rows_of_day
from qa.findings.models import CheckSum


def sum_checks_of(*, day: date) -> None:
    """Make the sums of a day anew; part of the transaction of whoever holds the day."""
    CheckSum.objects.filter(day=day).delete()
    CheckSum.objects.bulk_create(rows_of_day(day))
