"""How far the population was filled."""

from datetime import datetime

from governance.ledger.selectors import first_index_since, list_entries, tree_size
from qa.population.models import PopulationReader


def is_filled_until(*, at: datetime) -> bool:
    """Return whether everything that was recorded before a moment stands in the population."""
    if list_entries().filter(leaf_index__isnull=True, at__lt=at).exists():
        return False
    read = PopulationReader.objects.values_list("next_index", flat=True).first() or 0
    return read >= min(first_index_since(at=at), tree_size())
