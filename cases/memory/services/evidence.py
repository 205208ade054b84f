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
    return write_evidence(actor=actor, now=now, case=row, draft=draft, trust=trust)


def write_evidence(
    *, actor: Actor, now: datetime, case: Case, draft: EvidenceDraft, trust: Trust
) -> Evidence:
    """Write a checked piece of evidence of a locked case, with its entry."""
    evidence = Evidence.objects.create(
        case=case,
        kind=draft.kind,
        title=draft.title,
        proves=draft.proves,
        reference=draft.reference,
        digest=draft.digest,
        file_name=draft.file_name,
        media_type=draft.media_type,
        size=draft.size,
        trust=trust_of(actor_kind=actor.kind, asserted=trust),
        by_kind=actor.kind,
        by_id=actor.id,
        by_label=actor.label,
        at=now,
    )
    append(
        actor=actor,
        now=now,
        case=case,
        kind=entries.EVIDENCE_ATTACHED,
        payload={
            "title": draft.title,
            "proves": draft.proves,
            "evidence_kind": draft.kind,
            "reference": draft.reference,
            "digest": draft.digest,
            **_file_of(draft),
            "trust": str(evidence.trust),
        },
        subject=("evidence", str(evidence.public_id)),
    )
    return evidence


def _file_of(draft: EvidenceDraft) -> dict[str, object]:
    """Return what the entry says of a file; nothing where only its digest was given."""
    if not draft.size:
        return {}
    return {"file": draft.file_name, "media_type": draft.media_type, "size": draft.size}
