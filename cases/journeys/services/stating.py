"""Record what is stated of a case's matter, trusted as far as its source carries it."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from cases.memory import services as memory
from cases.memory.facts import FactDraft, FactSource, fact_errors, shows, trust_of_source
from cases.memory.models import Case, CaseFact, Evidence, Message
from cases.memory.rules import is_uuid
from cases.memory.services.common import locked, refuse_bad_text, refuse_errors
from cases.memory.types import CaseAct
from cases.tools.models import ToolCall
from cases.tools.types import CallState
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor
from orchestra.core.errors import FieldError, InvalidInputError


@one_act()
def state_fact(
    *, actor: Actor, now: datetime, case: Case, name: str, value: str, source: str = ""
) -> CaseFact:
    """Record a fact of a case; what was stated before stays, and the case shows what stands.

    Args:
        actor: Who states it.
        now: When.
        case: The case.
        name: Lower-case code, such as ``order_id``.
        value: What it is, 1 to 500 characters.
        source: Public id of a message, a tool call or a piece of evidence of the case; empty for
            a person's own word.

    Raises:
        InvalidInputError: The fact is not acceptable, the case has no such source, or the tool's
            answer does not hold the value.
        NotPermittedError: The actor may not work the case.
        ConflictError: The case is closed.
    """
    refuse_bad_text(name=name, value=value, source=source)
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.TALK)
    kind = _kind_of(row, source, value) if source or not actor.is_human else FactSource.PERSON
    draft = FactDraft(name=name, value=value.strip(), source_kind=kind, source_id=source)
    refuse_errors(_("The fact cannot be recorded."), fact_errors(draft))
    trust = trust_of_source(source_kind=kind, is_human=actor.is_human)
    return memory.write_fact(actor=actor, now=now, case=row, draft=draft, trust=trust)


def _kind_of(case: Case, source: str, value: str) -> FactSource:
    """Return what a source is.

    Raises:
        InvalidInputError: The case has no such source, or a tool's answer does not show it.
    """
    unknown = _("Name a message, a tool call or a piece of evidence of this case by its id.")
    if not is_uuid(source):
        raise _bad(unknown)
    public_id = UUID(source)
    if Message.objects.filter(case=case, public_id=public_id).exists():
        return FactSource.MESSAGE
    if Evidence.objects.filter(case=case, public_id=public_id).exists():
        return FactSource.EVIDENCE
    call = ToolCall.objects.filter(case=case, public_id=public_id).first()
    if call is None:
        raise _bad(unknown)
    if call.state != CallState.SUCCEEDED or not shows(call.result, value):
        raise _bad(_("The answer of this tool call does not hold that value."))
    return FactSource.TOOL_CALL


def _bad(message: str) -> InvalidInputError:
    return InvalidInputError(message, errors=[FieldError("source", "unknown", message)])
