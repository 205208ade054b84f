"""Record what is stated of a case's matter, with where it comes from."""

from datetime import datetime

from cases.memory import entries
from cases.memory.facts import FactDraft
from cases.memory.models import Case, CaseFact
from cases.memory.services.common import append
from cases.memory.types import Trust
from orchestra.core.actors import Actor


def write_fact(
    *, actor: Actor, now: datetime, case: Case, draft: FactDraft, trust: Trust
) -> CaseFact:
    """Write a checked fact of a locked case, with its entry; earlier ones stay as they are.

    Args:
        actor: Who states it.
        now: When.
        case: The locked case.
        draft: The fact, already checked.
        trust: On whose word it stands, as the caller found out.
    """
    fact = CaseFact.objects.create(
        case=case,
        name=draft.name,
        value=draft.value,
        trust=trust,
        source_kind=draft.source_kind,
        source_id=draft.source_id,
        by_kind=actor.kind,
        by_id=actor.id,
        by_label=actor.label,
        at=now,
    )
    append(
        actor=actor,
        now=now,
        case=case,
        kind=entries.FACT_STATED,
        payload={
            "name": draft.name,
            "value": draft.value,
            "trust": str(trust),
            "source": {"kind": str(draft.source_kind), "id": draft.source_id},
        },
        subject=("fact", str(fact.public_id)),
    )
    return fact
