"""Reads of the searches that people keep."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.ledger.models import SavedSearch
from orchestra.core.errors import NotFoundError


def list_searches(*, owner_pk: int) -> QuerySet[SavedSearch]:
    """Return the searches that a person keeps, by name."""
    return SavedSearch.objects.filter(owner_id=owner_pk)


def get_search(*, owner_pk: int, search_id: UUID) -> SavedSearch:
    """Return one of a person's searches.

    Raises:
        NotFoundError: They have no such search; another person's is not found either.
    """
    found = SavedSearch.objects.filter(owner_id=owner_pk, public_id=search_id).first()
    if found is None:
        raise NotFoundError(_("You have no such search."))
    return found
