"""A person's own filters of the inbox.

None of these acts is an entry of the ledger: a filter is a bookmark of one person's, decides
nothing, shows nothing that its owner may not see anyway, and nobody else sees it.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.approvals.inbox_query import format_query, parse_criteria
from governance.approvals.models import InboxView
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError, NotFoundError, NotPermittedError

LONGEST_NAME = 60
#: More than this many is no shortcut any more, and each is counted on every visit.
MOST = 12


@transaction.atomic
def save_view(*, actor: Actor, now: datetime, name: str, criteria: str) -> InboxView:
    """Keep a filter of the inbox under a name; a name that is taken is given the new filter.

    Args:
        actor: The person whose filter it is.
        now: When.
        name: What they call it, up to 60 letters.
        criteria: What the inbox's address says after the question mark.

    Raises:
        InvalidInputError: The name is empty or too long, nothing is filtered, or there are
            too many already.
        NotPermittedError: The actor is no person, or does not read approvals.
    """
    _require(actor)
    title = _name(name)
    query = parse_criteria(criteria)
    if not query.is_narrowed:
        raise InvalidInputError(
            _("The view cannot be saved."),
            errors=[FieldError("criteria", "empty", _("Choose a filter first, then save it."))],
        )
    rows = InboxView.objects.filter(owner_id=actor.pk)
    if rows.exclude(name=title).count() >= MOST:
        raise InvalidInputError(
            _("The view cannot be saved."),
            errors=[FieldError("name", "too_many", _("Delete one of your views first."))],
        )
    view, _created = InboxView.objects.update_or_create(
        owner_id=actor.pk,
        name=title,
        defaults={"criteria": format_query(query)},
        create_defaults={"criteria": format_query(query), "created_at": now},
    )
    return view


@transaction.atomic
def rename_view(*, actor: Actor, now: datetime, view_id: UUID, name: str) -> InboxView:
    """Give one of a person's filters another name.

    Args:
        actor: The person whose filter it is.
        now: When; kept for the form all acts have.
        view_id: Public id of the filter.
        name: The new name.

    Raises:
        InvalidInputError: The name is empty, too long, or taken.
        NotFoundError: The person has no such filter.
        NotPermittedError: The actor is no person, or does not read approvals.
    """
    del now
    view = _get(actor, view_id)
    title = _name(name)
    if InboxView.objects.filter(owner_id=actor.pk, name=title).exclude(pk=view.pk).exists():
        raise InvalidInputError(
            _("The view cannot be renamed."),
            errors=[FieldError("name", "taken", _("You have a view of that name already."))],
        )
    view.name = title
    view.save(update_fields=["name"])
    return view


@transaction.atomic
def delete_view(*, actor: Actor, now: datetime, view_id: UUID) -> None:
    """Forget one of a person's filters.

    Args:
        actor: The person whose filter it is.
        now: When; kept for the form all acts have.
        view_id: Public id of the filter.

    Raises:
        NotFoundError: The person has no such filter.
        NotPermittedError: The actor is no person, or does not read approvals.
    """
    del now
    _get(actor, view_id).delete()


def _get(actor: Actor, view_id: UUID) -> InboxView:
    _require(actor)
    view = InboxView.objects.filter(owner_id=actor.pk, public_id=view_id).first()
    if view is None:
        raise NotFoundError(_("You have no such view."))
    return view


def _require(actor: Actor) -> None:
    if not actor.is_human or actor.pk is None:
        raise NotPermittedError(_("Only people keep views of the inbox."))
    require(authority=authority_of(actor), capability=Capability.APPROVAL_READ)


def _name(name: str) -> str:
    title = " ".join(name.split())
    if not title or len(title) > LONGEST_NAME:
        raise InvalidInputError(
            _("The view needs another name."),
            errors=[FieldError("name", "length", _("Give it a name of up to 60 letters."))],
        )
    return title
