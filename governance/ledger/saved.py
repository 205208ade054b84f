"""Reads of the searches that people keep."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.ledger.models import SavedSearch
from orchestra.core.errors import NotFoundError


def list_searches(*, owner_pk: int) -> QuerySet[SavedSearch]:
    """Return the searches that a person keeps, by name."""
    return SavedSearch.objects.filter(owner_id=owner_pk)


def list_mentioning(*, texts: Collection[str]) -> QuerySet[SavedSearch]:
    """Return everybody's searches whose name or text holds one of some texts.

    Args:
        texts: Such as a customer's name; an empty one is held by none.
    """
    wanted = Q(pk__in=[])
    for text in texts:
        if text:
            wanted |= Q(name__icontains=text) | Q(selection__text__icontains=text)
    return SavedSearch.objects.filter(wanted)


def get_search(*, owner_pk: int, search_id: UUID) -> SavedSearch:
    """Return one of a person's searches.

    Raises:
        NotFoundError: They have no such search; another person's is not found either.
    """
    found = SavedSearch.objects.filter(owner_id=owner_pk, public_id=search_id).first()
    if found is None:
        raise NotFoundError(_("You have no such search."))
    return found
