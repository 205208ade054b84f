"""Say how much a case matters and how soon; the table in force makes the priority of it."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.intake import entries
from cases.intake.priorities import DEGREE_WORDS
from cases.intake.selectors import table_in_force
from cases.intake.types import Degree
from cases.memory.locks import not_found
from cases.memory.models import Case
from cases.memory.selectors import lock_case
from cases.memory.types import CaseStatus
from governance.access.rules import may
from governance.access.selectors import authority_of, require
from governance.access.types import Capability
from governance.ledger.services import append_entry, one_act
from governance.ledger.types import EntryDraft
from orchestra.core.actors import Actor
from orchestra.core.errors import (
    ConflictError,
    FieldError,
    InvalidInputError,
    NotPermittedError,
)
from orchestra.core.locking import compare_and_set

_ENDED = frozenset({CaseStatus.CLOSED, CaseStatus.MERGED})


@one_act()
def set_priority(
    *, actor: Actor, now: datetime, case: Case, impact: int | None, urgency: int | None
) -> Case:
    """Set impact and urgency of a case; its priority is looked up, and never set by itself.

    Args:
        actor: Who says so; a person.
        now: When.
        case: The case.
        impact: 1 (most) to 3.
        urgency: 1 (most) to 3.

    Raises:
        NotFoundError: The actor may not see the case.
        NotPermittedError: The actor is no person, or may not work the case.
        InvalidInputError: One of the two is missing, or no degree; each is named.
        ConflictError: The case is closed or was merged.
    """
    row = lock_case(case.public_id)
    authority = authority_of(actor)
    if not may(authority, Capability.CASE_READ, row.queue_id):
        raise not_found()
    require(authority=authority, capability=Capability.CASE_WORK, queue_id=row.queue_id)
    if not actor.is_human:
        raise NotPermittedError(_("Only a person says how much a case matters and how soon."))
    much, soon = _degrees(impact, urgency)
    if row.status in _ENDED:
        raise ConflictError(
            _("This case is %(status)s; its order of work is not set any more.")
            % {"status": row.status},
            code="conflict.case_ended",
        )
    table = table_in_force()
    priority = table.priority(impact=much, urgency=soon)
    if (row.impact, row.urgency, row.priority) == (much, soon, priority):
        return row
    compare_and_set(
        row,
        expected={"status": row.status},
        changes={"impact": int(much), "urgency": int(soon), "priority": priority},
        actor=actor,
        reason="impact and urgency set",
    )
    append_entry(
        actor=actor,
        now=now,
        draft=EntryDraft(
            stream=row.stream,
            kind=entries.PRIORITY_SET,
            subject_kind="case",
            subject_id=str(row.public_id),
            payload={
                "impact": int(much),
                "urgency": int(soon),
                "impact_words": str(DEGREE_WORDS[much]),
                "urgency_words": str(DEGREE_WORDS[soon]),
                "priority": priority,
                "table": table.version,
            },
        ),
    )
    return row


def _degrees(impact: int | None, urgency: int | None) -> tuple[Degree, Degree]:
    errors = [
        FieldError(name, "choice", _("Choose one of high (1), medium (2) and low (3)."))
        for name, value in (("impact", impact), ("urgency", urgency))
        if value not in set(Degree)
    ]
    if impact is None or urgency is None or errors:
        raise InvalidInputError(
            _("Impact and urgency are both needed; the priority is looked up from them."),
            code="intake.priority",
            errors=errors,
        )
    return Degree(impact), Degree(urgency)
