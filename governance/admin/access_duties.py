"""Duties kept apart: which rules refuse, how often they did, and who holds what should not meet."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance.access_reviews.duties import count_people, list_conflicts
from governance.access_reviews.selectors import REFUSED_WITHIN
from governance.access_reviews.types import Conflict, Holdings
from governance.admin.access_words import conflict_name, conflict_words

#: Each rule that is asked at every act, with the codes under which it refuses.
_ENFORCED: tuple[tuple[Promise, frozenset[str]], ...] = (
    (gettext_lazy("Author of a change does not vote on it"), frozenset({"change.own"})),
    (gettext_lazy("Requester does not approve"), frozenset({"approval.own_request"})),
    (
        gettext_lazy("Last editor, agent's owner and whom it acts for do not approve"),
        frozenset({"approval.barred"}),
    ),
    (
        gettext_lazy("AI agents do not vote"),
        frozenset({"approval.not_a_person", "change.not_a_person"}),
    ),
    (
        gettext_lazy("One person votes once"),
        frozenset({"approval.already_voted", "change.already_reviewed"}),
    ),
    (gettext_lazy("Nobody gives access to themselves"), frozenset({"access.own_authority"})),
    (
        gettext_lazy("Nobody reviews their own access"),
        frozenset({"access_review.own", "access_review.own_naming"}),
    ),
)


def describe_duties(
    *, holdings: Holdings, refusals: tuple[Mapping[str, int], bool]
) -> dict[str, Any]:
    """Return the card: enforced rules with their refusals, and what is for a person to judge.

    Args:
        holdings: All that stands now.
        refusals: How often acts were refused, by code, and whether these are all.
    """
    counts, is_all = refusals
    conflicts = list_conflicts(holdings)
    return {
        "days": REFUSED_WITHIN.days,
        "enforced": [_enforced(name, codes, counts, is_all) for name, codes in _ENFORCED],
        "judged": [
            {"name": conflict_name(kind), "count": _people(count), "is_warn": count > 0}
            for kind, count in count_people(conflicts).items()
        ],
        "people": list(_told(conflicts, holdings)),
    }


def _enforced(
    name: Promise,
    codes: frozenset[str],
    counts: Mapping[str, int],
    is_all: bool,  # noqa: FBT001  one fact of the count
) -> dict[str, str]:
    count = sum(counts.get(code, 0) for code in codes)
    if not is_all:
        told = _("at least %(count)d refused") % {"count": count}
    else:
        told = ngettext("%(count)d try refused", "%(count)d tries refused", count) % {
            "count": count
        }
    return {"name": str(name), "count": told if count else "0"}


def _people(count: int) -> str:
    return ngettext("%(count)d person", "%(count)d people", count) % {"count": count}


def _told(conflicts: Iterable[Conflict], holdings: Holdings) -> Iterable[dict[str, str]]:
    for one in conflicts:
        plain = {"kind": one.kind, "places": one.places, "others": one.others}
        yield {
            "who": holdings.people[one.person_id].label,
            "text": conflict_words(plain),
        }
