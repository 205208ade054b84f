"""Attach evidence to a case."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.memory import entries
from cases.memory.models import Case, Evidence
from cases.memory.rules import evidence_errors, trust_of
from cases.memory.services.common import append, locked, refuse_bad_text, refuse_errors
from cases.memory.types import CaseAct, EvidenceDraft, Trust
from governance.access.types import Capability
from governance.ledger.services import one_act
from orchestra.core.actors import Actor


@one_act()
def attach_evidence(
    *,
    actor: Actor,
    now: datetime,
    case: Case,
    draft: EvidenceDraft,
    trust: Trust = Trust.CLAIMED,
) -> Evidence:
    """Attach a reference or a file's digest, with what it proves.

    What an AI agent attaches is a claim, whatever it says of it.

    Raises:
        InvalidInputError: The draft is not acceptable; every field is named.
        ConflictError: The case is closed.
    """
    refuse_bad_text(
        kind=draft.kind, title=draft.title, proves=draft.proves, reference=draft.reference
    )
    refuse_errors(_("The evidence cannot be attached."), evidence_errors(draft))
    row = locked(actor=actor, case=case, capability=Capability.CASE_WORK, act=CaseAct.TALK)
    evidence = Evidence.objects.create(
        case=row,
        kind=draft.kind,
        title=draft.title,
        proves=draft.proves,
        reference=draft.reference,
        digest=draft.digest,
        trust=trust_of(actor_kind=actor.kind, asserted=trust),
        by_kind=actor.kind,
        by_id=actor.id,
        by_label=actor.label,
        at=now,
    )
    append(
        actor=actor,
        now=now,
        case=row,
        kind=entries.EVIDENCE_ATTACHED,
        payload={
            "title": draft.title,
            "proves": draft.proves,
            "evidence_kind": draft.kind,
            "reference": draft.reference,
            "digest": draft.digest,
            "trust": str(evidence.trust),
        },
        subject=("evidence", str(evidence.public_id)),
    )
    return evidence
