"""Counts that go no further than a slice, to stand in another query."""

from django.db.models import IntegerField, Subquery


class BoundedCount(Subquery):
    """How many rows a query has, counted no further than its slice."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) bounded)"
    output_field = IntegerField()
    empty_result_set_value = 0
