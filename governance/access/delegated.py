"""What people handed over for a time, and to whom they could."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from governance.access import rules, types
from governance.access.delegation import DELEGABLE, read_covers
from governance.access.models import Delegation, User
from governance.access.selectors import with_a_role
from governance.access.types import Authority, Capability


def as_delegation(row: Delegation) -> types.Delegation:
    """Return a delegation as a value; its giver and delegate are read with it."""
    covers = read_covers(row.covers)
    if covers is None:
        raise LookupError(f"a delegation of what cannot be handed over: {row.covers}")
    return types.Delegation(
        giver_id=row.giver_key,
        giver_label=row.giver.label,
        delegate_id=str(row.delegate.public_id),
        covers=covers,
        begins_at=row.begins_at,
        until_at=row.until_at,
        ended_at=row.ended_at,
    )


def list_given_by(giver_ids: Collection[str]) -> list[types.Delegation]:
    """Return what some people ever handed over, in one query; who stands in is a rule's answer.

    Args:
        giver_ids: Public ids.
    """
    return [as_delegation(row) for row in given_by(giver_ids)]


def given_by(giver_ids: Collection[str]) -> QuerySet[Delegation]:
    """Return the rows of ``list_given_by``."""
    rows = Delegation.objects.select_related("giver", "delegate").filter(giver_key__in=giver_ids)
    return rows.order_by("pk")


def list_delegations(*, authority: Authority) -> QuerySet[Delegation]:
    """Return what a person handed over and what was handed to them, newest first."""
    mine = Q(giver_id=authority.actor.pk) | Q(delegate_id=authority.actor.pk)
    rows = Delegation.objects.select_related("giver", "delegate").order_by("-pk")
    return rows.filter(mine) if authority.actor.is_human else rows.none()


def list_all_delegations(*, authority: Authority, now: datetime) -> QuerySet[Delegation]:
    """Return what anybody handed over and is not over yet, newest first, for who manages access."""
    rows = Delegation.objects.select_related("giver", "delegate").order_by("-pk")
    if not rules.may(authority, Capability.ACCESS_MANAGE):
        return rows.none()
    return rows.filter(ended_at__isnull=True, until_at__gt=now)


def list_possible_delegates(*, authority: Authority) -> list[User]:
    """Return the active people who could act in a person's place for anything, by name."""
    mine = {one for one in DELEGABLE if rules.may(authority, one)}
    roles = [role for role, held in rules.CAPABILITIES.items() if held & mine]
    people = with_a_role([str(role) for role in roles])
    return list(people.exclude(public_id=authority.actor.id))
