"""Who may vote where, for all queues at once."""

from collections.abc import Collection

from django.db.models import F, QuerySet

from governance.access import rules
from governance.access.holding import live
from governance.access.models import QueueGroupGrant, QueueUserGrant, RoleHolding
from governance.access.types import QueueGrant

_VOTE = {"permission__codename": QueueGrant.VOTE.value}
#: From a grant of a role to the rows of the people who hold it.
_PEOPLE = "group__role_holdings"

Pair = tuple[str, int]
Voting = tuple[str, int, str]


def voters_by_queue(*, roles: Collection[str] = ()) -> dict[str, set[int]]:
    """Return the active people who may vote on each queue's approvals, in one query.

    The rule is that of ``access.selectors.list_eligible_voters``. A queue on which nobody may
    vote is left out.

    Args:
        roles: Roles asked for; empty for any role that votes.

    Returns:
        Key of the queue to the internal keys of people.
    """
    voting = {str(role) for role in rules.VOTING_ROLES}
    names = voting & {str(role) for role in roles} if roles else voting
    found: dict[str, set[int]] = {}
    for queue, person in _own(names).union(_shared(names), all=True):
        found.setdefault(queue, set()).add(person)
    return found


def list_voting() -> "QuerySet[QueueUserGrant, Voting]":
    """Return who may vote on each queue's approvals, once for each voting role they hold.

    The rule is that of ``voters_by_queue``; rows of (key of the queue, internal key of the
    person, name of the role).
    """
    names = {str(role) for role in rules.VOTING_ROLES}
    key, held, person = "content_object__key", "user__role_holdings", f"{_PEOPLE}__user"
    theirs = f"{person}__role_holdings"
    # Conditions on one person's rows stand in one filter each, or they would be of several.
    own = {"user__is_active": True, f"{held}__group__name__in": names, **_VOTE}
    shared = {f"{person}__is_active": True, f"{theirs}__group__name__in": names, **_VOTE}
    mine = QueueUserGrant.objects.filter(live(), live(held), **own).order_by()
    through = QueueGroupGrant.objects.filter(live(), live(_PEOPLE), live(theirs), **shared)
    return mine.values_list(key, "user_id", F(f"{held}__group__name")).union(
        through.order_by().values_list(key, F(f"{person}_id"), F(f"{theirs}__group__name")),
        all=True,
    )


def _own(names: Collection[str]) -> "QuerySet[QueueUserGrant, Pair]":
    rows = QueueUserGrant.objects.filter(
        live(), user__is_active=True, user_id__in=_holding(names), **_VOTE
    )
    return rows.order_by().values_list("content_object__key", "user_id")


def _shared(names: Collection[str]) -> "QuerySet[QueueGroupGrant, Pair]":
    person = f"{_PEOPLE}__user"
    wanted = {f"{person}__is_active": True, f"{person}_id__in": _holding(names), **_VOTE}
    rows = QueueGroupGrant.objects.filter(live(), live(_PEOPLE), **wanted)
    return rows.order_by().values_list("content_object__key", F(f"{person}_id"))


def _holding(names: Collection[str]) -> "QuerySet[RoleHolding, int]":
    rows = RoleHolding.objects.filter(live(), group__name__in=names)
    return rows.values_list("user_id", flat=True)
