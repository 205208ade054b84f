"""Set what intake found about a case, and clear a risk flag by a person."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from cases.memory import entries
from cases.memory.models import Case
from cases.memory.services.common import append, locked, require_reason
from cases.memory.types import IntentHold
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import ConflictError, NotPermittedError
from orchestra.core.locking import compare_and_set


def mark_locked(
    *,
    actor: Actor,
    case: Case,
    intent: str,
    priority: int,
    risk_flags: Iterable[str],
    degrees: tuple[int, int] | None = None,
) -> None:
    """Set intent and priority of a locked case and add risk flags; none is ever taken away.

    The caller appends the entry. A known intent is not lost to a message that shows none.

    Args:
        actor: Who classified.
        case: The locked case.
        intent: Key of the intent, empty for unknown.
        priority: 1 (first) to 5.
        risk_flags: Flags found.
        degrees: Impact and urgency, each 1 to 3, that make the priority; None leaves both.
    """
    before = list(case.risk_flags)
    added = sorted(set(risk_flags).difference(before))
    changes: dict[str, object] = {}
    if added:
        changes["risk_flags"] = before + added
    if intent and intent != case.intent:
        changes["intent"] = intent
    if priority != case.priority:
        changes["priority"] = priority
    if degrees is not None and degrees != (case.impact, case.urgency):
        changes["impact"], changes["urgency"] = degrees
    if changes:
        compare_and_set(
            case,
            expected={"status": case.status},
            changes=changes,
            actor=actor,
            reason="classified",
        )


def hold_intent_locked(*, actor: Actor, case: Case, hold: IntentHold | None, reason: str) -> None:
    """Let a locked case wait for the word on its need, or let it go on; the caller appends."""
    compare_and_set(
        case,
        expected={"intent_hold": case.intent_hold},
        changes={"intent_hold": hold or ""},
        actor=actor,
        reason=reason,
    )


@one_act()
def clear_risk_flag(*, actor: Actor, now: datetime, case: Case, flag: str, reason: str) -> Case:
    """Clear one risk flag; only a person does, and says why.

    Raises:
        NotPermittedError: The actor is no person.
        ConflictError: The case does not carry the flag.
        InvalidInputError: The reason is missing.
    """
    reason = require_reason(reason)
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK)
    if not actor.is_human:
        raise NotPermittedError(_("Only a person clears a risk flag."))
    if flag not in row.risk_flags:
        raise ConflictError(
            _("%(case)s does not carry the flag %(flag)s.") % {"case": row.label, "flag": flag},
            code="conflict.flag",
            data={"flags": list(row.risk_flags)},
        )
    compare_and_set(
        row,
        expected={"status": row.status},
        changes={"risk_flags": [kept for kept in row.risk_flags if kept != flag]},
        actor=actor,
        reason=reason,
    )
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.FLAG_CLEARED,
        payload={"flag": flag, "reason": reason},
    )
    return row
