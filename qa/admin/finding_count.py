"""How many findings wait, for the sidebar: counted at most twice a minute."""

from typing import Final

from django.core.cache import cache

from governance.access.selectors import readable_queue_ids
from governance.access.types import Capability
from governance.admin.visit import Visit
from qa.findings.selectors import count_unseen

#: How old a count beside a line of the sidebar may be.
SECONDS: Final = 30
_KEY: Final = "findings.unseen"


def count_waiting(visit: Visit) -> int:
    """Return how many findings wait for who reviews the whole centre; 0 for others.

    Everybody who does sees the same number, so that one query serves all of them for a while.
    """
    if not _reviews_all(visit):
        return 0
    known = cache.get(_KEY)
    if known is None:
        known = count_unseen(authority=visit.authority)
        cache.set(_KEY, known, SECONDS)
    return int(known)


def forget_count(visit: Visit) -> None:
    """Count anew: the person has just looked at a finding, or taken that back."""
    if _reviews_all(visit):
        cache.delete(_KEY)


def _reviews_all(visit: Visit) -> bool:
    return (
        visit.may(Capability.QUALITY_REVIEW)
        and readable_queue_ids(visit.authority, Capability.CASE_READ) is None
    )
