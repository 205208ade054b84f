"""How far the population was filled, and the units that one may see."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.access.selectors import readable_queue_ids
from governance.access.types import Authority, Capability
from governance.ledger.selectors import first_index_since, list_entries, tree_size
from orchestra.core.errors import NotFoundError
from qa.population.models import PopulationReader, SamplingUnit


def is_filled_until(*, at: datetime) -> bool:
    """Return whether everything that was recorded before a moment stands in the population."""
    if list_entries().filter(leaf_index__isnull=True, at__lt=at).exists():
        return False
    read = PopulationReader.objects.values_list("next_index", flat=True).first() or 0
    return read >= min(first_index_since(at=at), tree_size())


def list_units(*, authority: Authority) -> QuerySet[SamplingUnit]:
    """Return the units of the cases that one may read, with their case, the newest first."""
    rows = SamplingUnit.objects.select_related("case").order_by("-ended_at", "-pk")
    queues = readable_queue_ids(authority, Capability.CASE_READ)
    return rows if queues is None else rows.filter(case__queue_id__in=queues)


def get_unit(*, authority: Authority, unit_id: UUID | str) -> SamplingUnit:
    """Return one unit, with its case.

    Args:
        authority: What the reader holds.
        unit_id: Public id.

    Raises:
        NotFoundError: There is none, or its case may not be read.
    """
    found = list_units(authority=authority).filter(public_id=unit_id).first()
    if found is None:
        raise NotFoundError(_("There is no such unit, or you may not see it."))
    return found
