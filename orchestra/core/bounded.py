"""Counts that go no further than a slice, and how they are told."""

from typing import Final

from django.db.models import IntegerField, Subquery

#: So many of what waits are counted, and then "999+" says enough.
COUNTED: Final = 1_000


class BoundedCount(Subquery):
    """How many rows a query has, counted no further than its slice."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) bounded)"
    output_field = IntegerField()
    empty_result_set_value = 0


def in_short(count: int, *, is_more: bool = False) -> int | str:
    """Return a count as the pages show it, where it may be of some only."""
    if count >= COUNTED:
        return f"{COUNTED - 1}+"
    return f"{count}+" if is_more else count
