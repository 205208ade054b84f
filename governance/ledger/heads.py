"""What of entries may be told without their payloads: place, kind, stream and actor."""

from governance.ledger.models import LedgerEntry


def list_heads(*, begin: int, end: int) -> list[tuple[int, str, str, str]]:
    """Return place, kind, stream and actor of the entries between two places, in order.

    Args:
        begin: The first place, from 0.
        end: The place after the last.
    """
    rows = LedgerEntry.objects.filter(leaf_index__gte=begin, leaf_index__lt=end)
    found = rows.order_by("leaf_index").values_list("leaf_index", "kind", "stream", "actor_id")
    return [
        (index, kind, stream, actor) for index, kind, stream, actor in found if index is not None
    ]
