"""What every act on a handoff does first and last: lock, check, append."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from cases.handoff.models import Handoff
from cases.handoff.selectors import not_found
from cases.memory.selectors import lock_case
from governance.access.rules import may
from governance.access.selectors import authority_of
from governance.access.types import Authority, Capability
from governance.ledger.services import append_entry
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError
from orchestra.core.locking import lock_one


def locked(*, actor: Actor, handoff_id: UUID | str) -> tuple[Handoff, Authority]:
    """Lock the case, then the handoff, and return it where the actor may see it."""
    try:
        wanted = handoff_id if isinstance(handoff_id, UUID) else UUID(handoff_id)
        case_id = Handoff.objects.values_list("case__public_id", flat=True).get(public_id=wanted)
        case = lock_case(case_id)
        handoff = lock_one(Handoff.objects.filter(public_id=wanted))
    except (ValueError, ObjectDoesNotExist):
        raise not_found() from None
    authority = authority_of(actor)
    if not may(authority, Capability.CASE_READ, handoff.queue_id):
        raise not_found()
    handoff.case = case
    return handoff, authority


def refuse_length(*, field: str, text: str, most: int, needed: bool) -> None:
    """Refuse a text that is too long, or empty where it is needed.

    Raises:
        InvalidInputError: Naming the field.
    """
    if len(text) > most or (needed and not text.strip()):
        message = _("%(field)s is needed, in at most %(most)d characters.") % {
            "field": field,
            "most": most,
        }
        raise InvalidInputError(message, errors=[FieldError(field, "length", message)])


def append(
    *, actor: Actor, now: datetime, handoff: Handoff, kind: str, payload: Mapping[str, Any]
) -> None:
    """Append one entry about a handoff to the stream of its case."""
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=handoff.case.stream,
            kind=kind,
            payload=payload,
            subject_kind="handoff",
            subject_id=str(handoff.public_id),
        ),
    )
