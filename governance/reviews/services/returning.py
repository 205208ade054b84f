"""Go back: to an older version, or to no version at all; both under the same review."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from governance.ledger.services import one_act
from governance.reviews.models import ChangeRequest
from governance.reviews.registry import documents
from governance.reviews.services.drafting import open_change
from governance.reviews.services.locked import lock_change
from governance.reviews.types import ChangePurpose, ChangeState
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, InvalidInputError


@one_act()
def roll_back(
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    document_key: str,
    number: int,
    summary: str,
) -> ChangeRequest:
    """Open a change whose text is that of an older version; published, it is a new version.

    Args:
        actor: Who asks for it.
        now: When, UTC.
        kind: Registered kind of document.
        document_key: Key of the document.
        number: Number of the version to go back to.
        summary: Why.

    Raises:
        NotPermittedError: The actor may not draft this kind.
        InvalidInputError: There is no such version.
    """
    document = documents.get(kind).rows.version(document_key, number)
    if document is None:
        raise InvalidInputError(_("There is no such version."), code="change.no_version")
    return open_change(
        actor=actor,
        now=now,
        kind=kind,
        document_key=document_key,
        title=_("Back to version %(number)s") % {"number": number},
        summary=summary,
        document=document,
        purpose=ChangePurpose.ROLLBACK,
    )


@one_act()
def retire(*, actor: Actor, now: datetime, change_id: UUID, summary: str) -> ChangeRequest:
    """Open a change that takes what another put in force out of force, with none in its place.

    Args:
        actor: Who asks for it.
        now: When, UTC.
        change_id: Public id of the change that is in force.
        summary: Why.

    Raises:
        NotFoundError: There is none, or the actor may not know of it.
        NotPermittedError: The actor may not draft this kind.
        ConflictError: It is not in force.
    """
    change, _authority = lock_change(actor=actor, change_id=change_id)
    if change.state != ChangeState.PUBLISHED or change.purpose == ChangePurpose.RETIREMENT:
        raise ConflictError(_("It is not in force."), code="change.not_in_force")
    return open_change(
        actor=actor,
        now=now,
        kind=change.kind,
        document_key=change.document_key,
        title=_("Take out of force"),
        summary=summary,
        purpose=ChangePurpose.RETIREMENT,
    )
