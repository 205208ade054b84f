"""Who has the page of a case open now: a hint in the cache, never evidence, gone in seconds."""

from django.core.cache import cache

from cases.memory.models import Case
from governance.admin.visit import Visit

#: A page asks every five seconds; whoever asked within this many is there.
SECONDS = 15
_MOST = 20


def who_is_here(*, case: Case, visit: Visit) -> list[str]:
    """Note that a person has the page open, and return the names of the others who have.

    Two people who come in the same moment may miss each other until they ask again.

    Args:
        case: The case.
        visit: Who looks, and when.
    """
    key = f"orchestra:case-page:{case.pk}"
    at = visit.now.timestamp()
    seen: dict[str, tuple[str, float]] = {
        person: (label, last)
        for person, (label, last) in (cache.get(key) or {}).items()
        if at - last < SECONDS
    }
    others = sorted(label for person, (label, _last) in seen.items() if person != visit.actor.id)
    seen[visit.actor.id] = (visit.actor.label, at)
    cache.set(key, dict(list(seen.items())[-_MOST:]), SECONDS)
    return others
